export const LOCALE = 'en-GB';
/** Made when the first number is shown: that takes a tenth of the start of a command, and most show none. */
let numbers: Intl.NumberFormat | undefined;
let plurals: Intl.PluralRules | undefined;

/** 1,434 */
export function shown(count: number): string {
  numbers ??= new Intl.NumberFormat(LOCALE);
  return numbers.format(count);
}

/** `1 member`, `1,434 members`. */
export function counted(count: number, one: string, other = `${one}s`): string {
  plurals ??= new Intl.PluralRules(LOCALE);
  return `${shown(count)} ${plurals.select(count) === 'one' ? one : other}`;
}

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** `999 B`, `1.4 MB`, `250 GB`. */
export function sized(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < UNITS.length - 1; unit += 1) size /= 1_000;
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Days where they are whole ones. */
export function keptFor(hours: number): string {
  return hours % 24 === 0 ? counted(hours / 24, 'day') : counted(hours, 'hour');
}
