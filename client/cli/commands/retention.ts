import { RETENTION_DAYS_MAX, RETENTION_HOURS_MAX } from '../../../src/protocol/limits.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';

/** Hours, from days (`7`) or hours (`12h`). `from` names the option or argument in a failure. */
export function parsedRetention(value: string, from: string): number {
  const [, digits, unit] = /^(\d{1,5})(h?)$/.exec(value) ?? [];
  const hours = digits === undefined ? Number.POSITIVE_INFINITY : Number(digits) * (unit === 'h' ? 1 : 24);
  if (hours > RETENTION_HOURS_MAX)
    throw usage(filled(cliTexts.usage.bad_retention, { given: from, size: RETENTION_DAYS_MAX }));
  return hours;
}
