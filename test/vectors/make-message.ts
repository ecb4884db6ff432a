import { sealMessage } from '../../client/crypto/seal.ts';
import type { OutgoingMessage, SealedMessage } from '../../client/crypto/suite.ts';
import {
  aesGcmDecrypt,
  hkdfSha256,
  hmacSha256,
  importRsaPublic,
  oaepDecrypt,
  sha256,
} from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { parseFingerprint } from '../../src/protocol/layouts/fingerprint.ts';
import { parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEYS_BYTES,
  commitInput,
  contentInfo,
  messageSignatureInput,
  recipientsInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { bytes, keysOf, present, type VectorPerson } from './vector-keys.ts';

const room = present(parseRoomId('11'.repeat(16)));
const alice = present(parseUserId('a1'.repeat(16)));
const bob = present(parseUserId('b0'.repeat(16)));
const chain = present(parseChainId('cc'.repeat(16)));

/** Alice sends to Bob and herself: two messages of one chain, the second under a room password, and a long one. */
export async function messageVectors(aliceKeys: VectorPerson, bobKeys: VectorPerson): Promise<unknown> {
  const keys = await keysOf(aliceKeys);
  const members = await Promise.all(
    [
      { user: bob, person: bobKeys },
      { user: alice, person: aliceKeys },
    ].map(async ({ user, person }) => ({
      user,
      fingerprint: present(parseFingerprint(person.fingerprint)),
      rsaEncrypt: (await importRsaPublic(bytes(person.rsa_spki))).encrypt,
    })),
  );
  const base = {
    room,
    sender: alice,
    keys,
    chain,
    rosterVersion: 12,
    members,
    sentAt: 1_790_000_100_000,
  };
  const open: OutgoingMessage = {
    ...base,
    messageId: present(parseMessageId('d0'.repeat(16))),
    number: 0,
    previousHash: new Uint8Array(0),
    passwordNumber: 0,
    roomSecret: undefined,
    content: { type: 'text', text: 'Hello, Bob 👋' },
  };
  const first = await sealMessage(open);
  const locked: OutgoingMessage = {
    ...open,
    messageId: present(parseMessageId('d1'.repeat(16))),
    number: 1,
    previousHash: first.headerHash,
    passwordNumber: 3,
    roomSecret: Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index),
    content: { type: 'text', text: 'behind a password' },
  };
  const second = await sealMessage(locked);
  const long: OutgoingMessage = {
    ...open,
    messageId: present(parseMessageId('d2'.repeat(16))),
    number: 2,
    previousHash: second.headerHash,
    content: { type: 'text', text: 'long '.repeat(900) },
  };
  return {
    sender: 'alice',
    recipients: [
      { user: alice, person: 'alice', fingerprint: aliceKeys.fingerprint },
      { user: bob, person: 'bob', fingerprint: bobKeys.fingerprint },
    ],
    recipients_input: toHex(recipientsInput(members)),
    content_info: toHex(contentInfo()),
    commit_input: toHex(commitInput()),
    messages: [
      await vectorOf(open, first),
      await vectorOf(locked, second),
      await vectorOf(long, await sealMessage(long)),
    ],
  };
}

async function vectorOf(message: OutgoingMessage, sealed: SealedMessage): Promise<unknown> {
  const parsed = parseMessageHeader(sealed.header);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  const { header } = parsed;
  const label = wrapLabel(sealed.headerHash);
  const contentKey = present(await oaepDecrypt(message.keys.rsaDecrypt, label, sealed.wraps.slice(0, 256)));
  const secret = message.roomSecret ?? new Uint8Array(0);
  const derived = await hkdfSha256(contentKey, secret, contentInfo(), CONTENT_KEYS_BYTES);
  const [aesKey, nonce] = [derived.slice(0, 32), derived.slice(32, 44)];
  const plaintext = present(await aesGcmDecrypt(aesKey, nonce, sealed.header, sealed.ciphertext));
  return {
    text: message.content.text,
    room_secret: toHex(secret),
    header_fields: {
      version: 1,
      suite: 1,
      message_id: header.messageId,
      room: header.room,
      sender: header.sender,
      sender_fingerprint: header.senderFingerprint,
      chain: header.chain,
      number: header.number,
      previous_hash: toHex(header.previousHash),
      roster_version: header.rosterVersion,
      recipients: toHex(header.recipients),
      password_number: header.passwordNumber,
      sent_at: header.sentAt,
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
