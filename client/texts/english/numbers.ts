export const LOCALE = 'en-GB';
const NUMBERS = new Intl.NumberFormat(LOCALE);
const PLURALS = new Intl.PluralRules(LOCALE);

/** 1,434 */
export const shown = (count: number): string => NUMBERS.format(count);

/** `1 member`, `1,434 members`. */
export function counted(count: number, one: string, other = `${one}s`): string {
  return `${shown(count)} ${PLURALS.select(count) === 'one' ? one : other}`;
}
