import { verifyIdentity } from '../../../client/crypto/identity.ts';
import { suiteOne } from '../../../client/crypto/suite-one.ts';
import { randomId } from '../../../src/lib/random-id.ts';
import type { MemberEntry } from '../../../src/protocol/entities.ts';
import { type MessageId, parseChainId, parseMessageId, type RoomId } from '../../../src/protocol/ids.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import type { RawSession } from './raw-session.ts';

interface SealOptions {
  /** Whoever signs it; without it the session that knows the members. */
  readonly signer?: RawSession;
  readonly messageId?: MessageId;
}

/** The bytes of one `send` for the members of the room as they are now, on a chain of its own. */
export async function sealFor(
  session: RawSession,
  room: RoomId,
  text: string,
  { signer = session, messageId = randomId(parseMessageId) }: SealOptions = {},
): Promise<RequestBody<'send'>> {
  const { version, members } = await session.request('members', { room });
  const { header, ciphertext, wraps } = await suiteOne.seal({
    messageId,
    room,
    sender: signer.user,
    keys: signer.own.current.ready,
    chain: randomId(parseChainId),
    number: 0,
    previousHash: new Uint8Array(0),
    rosterVersion: version,
    members: await Promise.all(members.map(recipientOf)),
    passwordNumber: 0,
    roomSecret: undefined,
    sentAt: Date.now(),
    content: { type: 'text', text },
  });
  return { room, version, header, ciphertext, wraps };
}

type Recipient = Parameters<typeof suiteOne.seal>[0]['members'][number];

async function recipientOf({ user, name, identity }: MemberEntry): Promise<Recipient> {
  const verified = await verifyIdentity(identity);
  if (!verified.ok) throw new Error(`the identity of ${name} does not hold: ${verified.reason}`);
  return { user, fingerprint: verified.identity.fingerprint, rsaEncrypt: verified.identity.rsaEncrypt };
}
