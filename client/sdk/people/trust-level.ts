/** `pinned`: as first seen. `verified`: compared by people. `changed`: not what was pinned, and not accepted yet. */
export type Trust = 'pinned' | 'verified' | 'changed';
