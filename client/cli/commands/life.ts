import { EXPIRES_MAX, EXPIRES_MIN } from '../../../src/protocol/limits.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { lifeText, parseLife } from '../../texts/message-life.ts';
import { usage } from '../exit-codes.ts';

/** Seconds that messages stay once they were shown; 0 for `off`. `from` names the option or argument in a failure. */
export function parsedLife(given: string, from: string): number {
  const seconds = given.toLowerCase() === 'off' ? 0 : parseLife(given);
  if (seconds !== undefined) return seconds;
  const [least, most] = [lifeText(EXPIRES_MIN), lifeText(EXPIRES_MAX)];
  throw usage(filled(cliTexts.usage.bad_life, { from, given, least, most }));
}
