import type { Fingerprint } from '../../src/protocol/ids.ts';
import { safetyNumberInput, safetyNumberText } from '../../src/protocol/layouts/safety-number.ts';
import { sha512 } from './web-crypto.ts';

/** Twelve groups of five digits; the same for both people, whoever computes it. */
export async function safetyNumber(one: Fingerprint, other: Fingerprint): Promise<string> {
  return safetyNumberText(await sha512(safetyNumberInput(one, other)));
}
