/** What another language has to have: the same keys, functions that take the same, and any words. */
export type Worded<T> = T extends string
  ? string
  : T extends RegExp
    ? RegExp
    : T extends readonly string[]
      ? readonly string[]
      : T extends (...values: infer Values) => string
        ? (...values: Values) => string
        : T extends (...values: infer Values) => readonly string[]
          ? (...values: Values) => readonly string[]
          : { readonly [Key in keyof T]: Worded<T[Key]> };
