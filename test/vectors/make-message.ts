import { sealMessage } from '../../client/crypto/seal.ts';
import type { OutgoingMessage, SealedMessage } from '../../client/crypto/suite.ts';
import {
  aesGcmDecrypt,
  hkdfSha256,
  hmacSha256,
  oaepDecrypt,
  sha256,
} from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseMessageId } from '../../src/protocol/ids.ts';
import { layoutOf, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEY_BYTES,
  CONTENT_KEYS_BYTES,
  commitInput,
  contentInfo,
  messageSignatureInput,
  recipientsInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import {
  alice,
  bob,
  chain,
  headerFields,
  keysOf,
  memberOf,
  present,
  room,
  roomSecret,
  type VectorPerson,
} from './vector-keys.ts';

/** Alice sends to Bob and herself: two messages of one chain, the second under a room password, and a long one. */
export async function messageVectors(aliceKeys: VectorPerson, bobKeys: VectorPerson): Promise<unknown> {
  return chainVectors(aliceKeys, bobKeys, [
    { content: { type: 'text', text: 'Hello, Bob 👋' } },
    { ...underPassword, content: { type: 'text', text: 'behind a password' } },
    { content: { type: 'text', text: 'long '.repeat(900) } },
  ]);
}

/** The same in layout 2: by a profile that had opened nothing, and by one that had opened a message at position 9. */
export async function seenMessageVectors(aliceKeys: VectorPerson, bobKeys: VectorPerson): Promise<unknown> {
  return chainVectors(aliceKeys, bobKeys, [
    {
      seen: { position: 0, headerHash: new Uint8Array(0) },
      content: { type: 'text', text: 'had seen nothing' },
    },
    {
      ...underPassword,
      seen: { position: 9, headerHash: new Uint8Array(32).fill(0x99) },
      content: { type: 'text', text: 'had seen position 9' },
    },
  ]);
}

const underPassword = { passwordNumber: 3, roomSecret } as const;

type Special = Pick<OutgoingMessage, 'content'> & Partial<OutgoingMessage>;

/** Numbers 0, 1, … of one chain. */
async function chainVectors(
  aliceKeys: VectorPerson,
  bobKeys: VectorPerson,
  specials: readonly Special[],
): Promise<unknown> {
  const members = await Promise.all([memberOf(bob, bobKeys), memberOf(alice, aliceKeys)]);
  const base = {
    ...{ room, sender: alice, keys: await keysOf(aliceKeys), chain, rosterVersion: 12, members },
    ...{ passwordNumber: 0, roomSecret: undefined, sentAt: 1_790_000_100_000 },
  };
  let previousHash: Uint8Array = new Uint8Array(0);
  const messages: unknown[] = [];
  for (const [number, special] of specials.entries()) {
    const messageId = present(parseMessageId(`d${number}`.repeat(16)));
    const message: OutgoingMessage = { ...base, messageId, number, previousHash, ...special };
    const sealed = await sealMessage(message);
    messages.push(await vectorOf(message, sealed));
    previousHash = sealed.headerHash;
  }
  return {
    sender: 'alice',
    recipients: [
      { user: alice, person: 'alice', fingerprint: aliceKeys.fingerprint },
      { user: bob, person: 'bob', fingerprint: bobKeys.fingerprint },
    ],
    recipients_input: toHex(recipientsInput(members)),
    content_info: toHex(contentInfo()),
    commit_input: toHex(commitInput()),
    messages,
  };
}

async function vectorOf(message: OutgoingMessage, sealed: SealedMessage): Promise<unknown> {
  const parsed = parseMessageHeader(sealed.header);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  const { header } = parsed;
  const label = wrapLabel(sealed.headerHash);
  const wrap = sealed.wraps.slice(0, WRAP_BYTES);
  const contentKey = present(await oaepDecrypt(message.keys.rsaDecrypt, label, wrap, CONTENT_KEY_BYTES));
  const secret = message.roomSecret ?? new Uint8Array(0);
  const derived = await hkdfSha256(contentKey, secret, contentInfo(), CONTENT_KEYS_BYTES);
  const [aesKey, nonce] = [derived.slice(0, 32), derived.slice(32, 44)];
  const plaintext = present(await aesGcmDecrypt(aesKey, nonce, sealed.header, sealed.ciphertext));
  return {
    text: message.content.type === 'text' ? message.content.text : '',
    room_secret: toHex(secret),
    header_fields: {
      layout: layoutOf(header),
      suite: 1,
      ...headerFields(header),
      commitment: toHex(header.commitment),
    },
    header: toHex(sealed.header),
    header_hash: toHex(sealed.headerHash),
    content_key: toHex(contentKey),
    derived: toHex(derived),
    commitment: toHex(await hmacSha256(derived.slice(44), commitInput())),
    signature_input: toHex(messageSignatureInput(sealed.headerHash, await sha256(plaintext.slice(64)))),
    plaintext: toHex(plaintext),
    ciphertext: toHex(sealed.ciphertext),
    wrap_label: toHex(label),
    wraps: toHex(sealed.wraps),
  };
}
