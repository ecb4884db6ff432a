import { deriveEpochContentKeys } from '../../client/crypto/content-keys.ts';
import { makeEpoch, type OutgoingEpoch } from '../../client/crypto/epochs/make-epoch.ts';
import { chainAt, prekeySeed, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import { sealEpochMessage } from '../../client/crypto/epochs/seal-epoch-message.ts';
import { wrapTree } from '../../client/crypto/epochs/wrap-tree.ts';
import type { HeldEpoch } from '../../client/crypto/suite.ts';
import { aesGcmDecrypt, sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseMessageId } from '../../src/protocol/ids.ts';
import { type EpochRecord, epochReasons, parseEpochRecord } from '../../src/protocol/layouts/epoch-record.ts';
import { parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { messageSignatureInput } from '../../src/protocol/layouts/message-inputs.ts';
import { parsePrekey } from '../../src/protocol/layouts/prekey.ts';
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

const createdAt = 1_790_000_000_000;
/** Bob's: he publishes weeks 1 to 3, and the second epoch is made in week 3. Alice has no prekeys. */
const prekeyChain = { week: 1, key: Uint8Array.from({ length: 32 }, (_, index) => 0x60 + index) };
const WEEKS = 3;

export async function epochVectors(aliceKeys: VectorPerson, bobKeys: VectorPerson): Promise<unknown> {
  const keys = await keysOf(aliceKeys);
  const prekeys = await signPrekeys(prekeyChain, { user: bob, createdAt }, await keysOf(bobKeys), WEEKS);
  const last = present(parsePrekey(present(prekeys[WEEKS - 1])));
  const members = await Promise.all([
    memberOf(bob, bobKeys).then((member) => ({ ...member, prekey: last.prekey })),
    memberOf(alice, aliceKeys),
  ]);
  const base = { room, rosterVersion: 12, committer: alice, keys, members } as const;
  const first = await made({
    ...base,
    ...{ number: 1, previousHash: new Uint8Array(0), passwordNumber: 0 },
    ...{ keying: 1, reason: 'membership', madeAt: createdAt },
  });
  const second = await made({
    ...base,
    ...{ number: 2, previousHash: first.held.recordHash, passwordNumber: 3 },
    ...{ keying: 2, reason: 'password', madeAt: last.prekey.notBefore },
  });
  return {
    prekeys: await prekeyVectors(prekeys),
    epochs: [first.vector, second.vector],
    messages: await messageVectors(aliceKeys, [first.held, second.held]),
  };
}

async function prekeyVectors(prekeys: readonly Uint8Array[]): Promise<unknown> {
  const weeks = prekeys.map(async (signed, index) => {
    const { prekey, document, signature } = present(parsePrekey(signed));
    return {
      week: prekey.week,
      chain_key: toHex((await chainAt(prekeyChain, index + 1)).key),
      seed: toHex(present(await prekeySeed(prekeyChain, index + 1))),
      public_key: toHex(prekey.publicKey),
      not_before: prekey.notBefore,
      not_after: prekey.notAfter,
      document: toHex(document),
      signature: toHex(signature),
    };
  });
  return { person: 'bob', user: bob, created_at: createdAt, weeks: await Promise.all(weeks) };
}

type HeldKey = HeldEpoch & { readonly key: Uint8Array };

async function made(epoch: OutgoingEpoch): Promise<{ readonly held: HeldKey; readonly vector: unknown }> {
  const { record, held, wraps } = await makeEpoch(epoch);
  const parsed = parseEpochRecord(record);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  const { pathOf } = await wrapTree(wraps);
  const vector = {
    body_fields: bodyFields(parsed.record),
    body: toHex(parsed.record.bodyBytes),
    root: toHex(parsed.record.root),
    signature: toHex(parsed.record.signature),
    record: toHex(record),
    record_hash: toHex(held.recordHash),
    key: toHex(held.key),
    wraps: await Promise.all(
      wraps.map(async (wrap, index) => ({
        user: wrap.user,
        person: wrap.user === alice ? 'alice' : 'bob',
        week: wrap.usesPrekey ? WEEKS : 0,
        wrap: toHex(wrap.bytes),
        path: toHex(await pathOf(index)),
      })),
    ),
  };
  return { held, vector };
}

function bodyFields({ body }: EpochRecord): unknown {
  return {
    room: body.room,
    number: body.number,
    roster_version: body.rosterVersion,
    recipients: toHex(body.recipients),
    password_number: body.passwordNumber,
    keying: body.keying,
    committer: body.committer,
    committer_fingerprint: body.committerFingerprint,
    previous_hash: toHex(body.previousHash),
    commitment: toHex(body.commitment),
    reason: epochReasons.indexOf(body.reason) + 1,
    made_at: body.madeAt,
  };
}

/** Numbers 0 and 1 of a chain of Alice's, one under each epoch; she had opened nothing, and then position 9. */
async function messageVectors(aliceKeys: VectorPerson, epochs: readonly HeldKey[]): Promise<unknown[]> {
  const keys = await keysOf(aliceKeys);
  let previousHash: Uint8Array = new Uint8Array(0);
  const messages: unknown[] = [];
  for (const [number, epoch] of epochs.entries()) {
    const secret = epoch.passwordNumber === 0 ? undefined : roomSecret;
    const text = `under epoch ${epoch.number}`;
    const seen =
      number === 0
        ? { position: 0, headerHash: new Uint8Array(0) }
        : { position: 9, headerHash: new Uint8Array(32).fill(0x99) };
    const sealed = await sealEpochMessage({
      ...{ messageId: present(parseMessageId(`d${number}`.repeat(16))), room, sender: alice, keys, chain },
      ...{ number, previousHash, roomSecret: secret, sentAt: createdAt + number, seen, epoch },
      content: { type: 'text', text },
    });
    messages.push(await messageVector(sealed, epoch, secret ?? new Uint8Array(0), text));
    previousHash = sealed.headerHash;
  }
  return messages;
}

async function messageVector(
  sealed: { readonly header: Uint8Array; readonly headerHash: Uint8Array; readonly ciphertext: Uint8Array },
  epoch: HeldKey,
  secret: Uint8Array,
  text: string,
): Promise<unknown> {
  const parsed = parseMessageHeader(sealed.header);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  const { header } = parsed;
  const { number, recordHash, salt } = present(header.epoch);
  const keys = await deriveEpochContentKeys(epoch.key, secret, header, present(header.epoch));
  const plaintext = present(await aesGcmDecrypt(keys.aesKey, keys.nonce, sealed.header, sealed.ciphertext));
  return {
    text,
    epoch: number,
    room_secret: toHex(secret),
    header_fields: {
      layout: 3,
      suite: 2,
      ...headerFields(header),
      epoch: number,
      record_hash: toHex(recordHash),
      salt: toHex(salt),
      commitment: toHex(header.commitment),
    },
    header: toHex(sealed.header),
    header_hash: toHex(sealed.headerHash),
    signature_input: toHex(messageSignatureInput(sealed.headerHash, await sha256(plaintext.slice(64)))),
    plaintext: toHex(plaintext),
    ciphertext: toHex(sealed.ciphertext),
  };
}
