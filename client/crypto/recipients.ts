import { type Recipient, recipientsInput } from '../../src/protocol/layouts/message-inputs.ts';
import { sha256 } from './web-crypto.ts';

/** The header's `recipients` for these members, 32 bytes; keep it per roster version, it covers up to 1,000 members. */
export function recipientsHash(members: readonly Recipient[]): Promise<Uint8Array> {
  return sha256(recipientsInput(members));
}
