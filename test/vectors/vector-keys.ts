import {
  generatePrivateKeys,
  type IdentityKeys,
  loadIdentityKeys,
} from '../../client/crypto/identity-keys.ts';
import type { Member } from '../../client/crypto/suite.ts';
import { importRsaPublic } from '../../client/crypto/web-crypto.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import {
  parseChainId,
  parseFingerprint,
  parseRoomId,
  parseUserId,
  type UserId,
} from '../../src/protocol/ids.ts';
import type { MessageHeader } from '../../src/protocol/layouts/message-header.ts';

/** A person of the vectors: fixed private keys in keys.json, for tests only. Every byte string is hexadecimal. */
export interface VectorPerson {
  readonly rsa_pkcs8: string;
  readonly ed25519_seed: string;
  readonly rsa_spki: string;
  readonly ed25519_public: string;
  readonly fingerprint_input: string;
  readonly fingerprint: string;
}

export function bytes(hex: string): Uint8Array<ArrayBuffer> {
  const decoded = fromHex(hex);
  if (decoded === undefined) throw new TypeError('a vector holds something that is not hexadecimal');
  return decoded;
}

/** A value that a vector must have. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a vector holds a value that does not parse');
  return value;
}

export async function keysOf(
  person: Pick<VectorPerson, 'rsa_pkcs8' | 'ed25519_seed'>,
): Promise<IdentityKeys> {
  const loaded = await loadIdentityKeys({
    rsa: bytes(person.rsa_pkcs8),
    ed25519: bytes(person.ed25519_seed),
  });
  if (!loaded.ok) throw new TypeError(loaded.reason);
  return loaded.keys;
}

export async function newPrivateKeys(): Promise<{ rsa_pkcs8: string; ed25519_seed: string }> {
  const { rsa, ed25519 } = await generatePrivateKeys();
  return { rsa_pkcs8: toHex(rsa), ed25519_seed: toHex(ed25519) };
}

/** Who writes in the vectors of messages, and where. */
export const room = present(parseRoomId('11'.repeat(16)));
export const alice = present(parseUserId('a1'.repeat(16)));
export const bob = present(parseUserId('b0'.repeat(16)));
export const chain = present(parseChainId('cc'.repeat(16)));
export const roomSecret = Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index);

export async function memberOf(user: UserId, person: VectorPerson): Promise<Member> {
  const { encrypt: rsaEncrypt } = await importRsaPublic(bytes(person.rsa_spki));
  return { user, fingerprint: present(parseFingerprint(person.fingerprint)), rsaEncrypt };
}

/** The fields that headers of all layouts have, in their order; `seen` where the layout has it. */
export function headerFields(header: MessageHeader) {
  return {
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
    ...(header.seen === undefined
      ? {}
      : { seen_position: header.seen.position, seen_hash: toHex(header.seen.headerHash) }),
  };
}
