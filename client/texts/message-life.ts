import { EXPIRES_MAX, EXPIRES_MIN } from '../../src/protocol/limits.ts';

/** How long a message stays once it was shown, in whole seconds, as people write it. */

const UNIT_SECONDS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
type Unit = keyof typeof UNIT_SECONDS;

const isUnit = (text: string): text is Unit => Object.hasOwn(UNIT_SECONDS, text);

/** Seconds, from a number and its unit as in `30s`, `5m`, `1h`, `7d` and `2w`; undefined: it is none, or out of bounds. */
export function parseLife(text: string): number | undefined {
  const seconds = secondsIn(text.toLowerCase());
  return seconds !== undefined && isLife(seconds) ? seconds : undefined;
}

/** Seconds, from a number and its unit in lower case; undefined: it is none. */
export function secondsIn(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([a-z])$/.exec(text) ?? [];
  return isUnit(unit) ? Number(digits) * UNIT_SECONDS[unit] : undefined;
}

/** In the largest unit that leaves no rest, as parseLife() reads it. */
export function lifeText(seconds: number): string {
  const unit = Object.keys(UNIT_SECONDS)
    .filter(isUnit)
    .find((each) => seconds % UNIT_SECONDS[each] === 0);
  return unit === undefined ? `${seconds}s` : `${seconds / UNIT_SECONDS[unit]}${unit}`;
}

/** Whether a message may ask for it. */
export function isLife(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= EXPIRES_MIN && seconds <= EXPIRES_MAX;
}
