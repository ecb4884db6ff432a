import { texts } from '../../texts/texts.ts';

/** The last moment that a Date can name. */
const DATE_MS_MAX = 8_640_000_000_000_000;

const dayFormat = new Intl.DateTimeFormat(texts.locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** Any time that a server or another person may tell. */
const dateOf = (ms: number): Date => new Date(Math.min(Math.max(ms, 0), DATE_MS_MAX));

/** Hours and minutes where the reader is. */
export function clockTime(ms: number): string {
  const date = dateOf(ms);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** A number for each day where the reader is. */
export function dayNumber(ms: number): number {
  const date = dateOf(ms);
  return (date.getFullYear() * 12 + date.getMonth()) * 31 + date.getDate();
}

/** How long messages are stored: `12 hours`, `7 days`. */
export const keptText = (hours: number): string => texts.words.kept({ hours });

/** As in 2026-03-01, in UTC. */
export function isoDay(ms: number): string {
  return dateOf(ms).toISOString().replace(/T.*$/, '');
}

/** As in 2026-03-01 09:12. */
export const dayAndTime = (ms: number): string => `${isoDay(ms)} ${clockTime(ms)}`;

export function dayName(ms: number): string {
  return dayFormat.format(dateOf(ms)).replace(',', '');
}

const shortDayFormat = new Intl.DateTimeFormat(texts.locale, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
});

/** As in 09:12, or Mon 24 Nov 09:12 when that is not the day of `today`. */
export function shortTime(ms: number, today: number): string {
  const day =
    dayNumber(ms) === dayNumber(today) ? '' : `${shortDayFormat.format(dateOf(ms)).replace(',', '')} `;
  return day + clockTime(ms);
}
