import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { usage } from './exit-codes.ts';

/** Letters that one slip of the fingers changes. */
const SLIP_LETTERS_MAX = 2;

/**
 * Throws a usage failure for a variable that is nearly called like one of `variables`: as it would have no effect, a command
 * would go to another server, or write as another user. Others that begin with CONCLAVE_ may be the gateway's.
 */
export function refuseMistyped(environment: object, variables: readonly string[]): void {
  for (const given of Object.keys(environment)) {
    if (!given.startsWith('CONCLAVE_') || variables.includes(given)) continue;
    const wanted = variables.find((each) => isSlip(given, each));
    if (wanted !== undefined) throw usage(filled(cliTexts.usage.mistyped_variable, { given, wanted }));
  }
}

/** Whether little differs between what both begin and end with. Every command asks, so no package is loaded for it. */
function isSlip(given: string, wanted: string): boolean {
  const shorter = Math.min(given.length, wanted.length);
  let start = 0;
  while (start < shorter && given[start] === wanted[start]) start += 1;
  let end = 0;
  while (end < shorter - start && given.at(-1 - end) === wanted.at(-1 - end)) end += 1;
  return Math.max(given.length, wanted.length) - start - end <= SLIP_LETTERS_MAX;
}
