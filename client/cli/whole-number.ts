/** Digits alone; Number() also takes '', ' 7', '1e3' and '0x10'. Undefined: not a number from `least` to `most`. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  const number = Number(text);
  return /^\d{1,16}$/.test(text) && number >= least && number <= most ? number : undefined;
}

/** In milliseconds, of seconds as in `30` or `0.5`. Undefined: none, or more than `most`. */
export function secondsMs(text: string, most: number): number | undefined {
  const seconds = Number(text);
  return /^\d{0,9}\.?\d{1,9}$/.test(text) && seconds > 0 && seconds <= most
    ? Math.ceil(seconds * 1_000)
    : undefined;
}
