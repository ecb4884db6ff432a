export const LOCALE = 'de-DE';
const NUMBERS = new Intl.NumberFormat(LOCALE);
const PLURALS = new Intl.PluralRules(LOCALE);

/** 1.434 */
export const shown = (count: number): string => NUMBERS.format(count);

/** `1 Mitglied`, `1.434 Mitglieder`. */
export function counted(count: number, one: string, other: string): string {
  return `${shown(count)} ${PLURALS.select(count) === 'one' ? one : other}`;
}

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;
const TENTHS = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `999 B`, `1,4 MB`, `250 GB`. */
export function sized(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < UNITS.length - 1; unit += 1) size /= 1_000;
  return `${unit === 0 || size >= 99.5 ? shown(Math.round(size)) : TENTHS.format(size)} ${UNITS[unit]}`;
}

/** Days where they are whole ones; after "für". */
export function keptFor(hours: number): string {
  return hours % 24 === 0 ? counted(hours / 24, 'Tag', 'Tage') : counted(hours, 'Stunde', 'Stunden');
}
