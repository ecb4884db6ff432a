/**
 * What is wrong with the life that a server shows for a room. In every case the one that is pinned stays.
 *
 * - `gone`: it shows none any more
 * - `differs`: an earlier one, a second one with the same number, or one whose number leaps
 * - `forged`: no signature of the named user holds, or it is of another room
 * - `not_owner`: it is signed, but not with the present key by the present owner, nor, for an heir, by the previous owner
 */
export type LifeFault = 'gone' | 'differs' | 'forged' | 'not_owner';
