import { safetyNumber } from '../../client/crypto/safety-number.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseFingerprint } from '../../src/protocol/ids.ts';
import { safetyNumberInput } from '../../src/protocol/layouts/safety-number.ts';
import { present, type VectorPerson } from './vector-keys.ts';

export async function safetyNumberVectors(alice: VectorPerson, bob: VectorPerson): Promise<unknown> {
  const pairs = [
    [alice.fingerprint, bob.fingerprint],
    ['00'.repeat(32), 'ff'.repeat(32)],
    ['7f'.repeat(32), '01'.repeat(32)],
  ].map((pair) => pair.map((fingerprint) => present(parseFingerprint(fingerprint))));
  return {
    pairs: await Promise.all(
      pairs.map(async ([first, second]) => {
        const [one, other] = [present(first), present(second)];
        return {
          one,
          other,
          input: toHex(safetyNumberInput(one, other)),
          number: await safetyNumber(one, other),
        };
      }),
    ),
  };
}
