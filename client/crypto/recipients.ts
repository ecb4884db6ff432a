import { type Recipient, recipientsInput } from '../../src/protocol/layouts/message-inputs.ts';
import { sha256 } from './web-crypto.ts';

/** The header's `recipients` for these members, 32 bytes; keep it per roster version, it covers up to 1,000 members. */
export function recipientsHash(members: readonly Recipient[]): Promise<Uint8Array> {
  return sha256(recipientsInput(members));
}

/** Ascending by user id, which is the order of wraps. Throws TypeError when a user is among them twice. */
export function inOrder<Each extends Recipient>(members: readonly Each[]): readonly Each[] {
  const ascending = [...members].sort((a, b) => (a.user < b.user ? -1 : 1));
  const twice = ascending.some((member, index) => member.user === ascending[index + 1]?.user);
  if (twice) throw new TypeError('a user is twice among the members');
  return ascending;
}
