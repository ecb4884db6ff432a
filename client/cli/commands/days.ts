import { RETENTION_DAYS_MAX } from '../../../src/protocol/limits.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';

/** `from` names the option or argument in a failure. */
export function parsedDays(value: string, from: string): number {
  const days = /^\d{1,5}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
  if (days > RETENTION_DAYS_MAX)
    throw usage(filled(cliTexts.usage.bad_retention, { given: from, size: RETENTION_DAYS_MAX }));
  return days;
}
