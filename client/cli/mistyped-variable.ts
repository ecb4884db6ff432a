import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { usage } from './exit-codes.ts';
import { nearest } from './nearest.ts';

/**
 * Throws a usage failure for a variable that is nearly called like one of `variables`: as it would have no effect, a command
 * would go to another server, or write as another user. Others that begin with CONCLAVE_ may be the gateway's.
 */
export function refuseMistyped(environment: object, variables: readonly string[]): void {
  for (const given of Object.keys(environment)) {
    if (!given.startsWith('CONCLAVE_') || variables.includes(given)) continue;
    const wanted = nearest(given, variables);
    if (wanted !== undefined) throw usage(filled(cliTexts.usage.mistyped_variable, { given, wanted }));
  }
}
