/**
 * What is wrong with the life that a server shows for a room. In every case the one that is pinned stays.
 *
 * - `gone`: it shows none any more
 * - `differs`: an earlier one, a second one with the same number, or one whose number leaps
 * - `forged`: no signature of the named user holds, or it is of another room
 * - `not_owner`: it is signed, but not by the present owner with the present key
 */
export type LifeFault = 'gone' | 'differs' | 'forged' | 'not_owner';
