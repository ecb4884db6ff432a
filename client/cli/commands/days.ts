import { usage } from '../exit-codes.ts';

/** `from` names the option or argument in a failure. */
export function parsedDays(value: string, from: string): number {
  if (!/^\d{1,5}$/.test(value)) throw usage(`${from}: ${value} is not a number of days`);
  return Number(value);
}
