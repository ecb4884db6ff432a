/** Begins the reason of a skip that CI accepts: the machine lacks a tool or a right that no script of this project can get. */
export const OPTIONAL = 'optional: ';
