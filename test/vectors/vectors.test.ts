import { describe, expect, it } from 'vitest';
import { answerChallenge, signAct, signResume } from '../../client/crypto/connection-proofs.ts';
import { verifyChain } from '../../client/crypto/identity.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import { recipientsHash } from '../../client/crypto/recipients.ts';
import { deriveRoomPassword } from '../../client/crypto/room-password.ts';
import { safetyNumber } from '../../client/crypto/safety-number.ts';
import type { AcceptedIdentity } from '../../client/crypto/suite.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import {
  ed25519Verify,
  importEd25519Public,
  importRsaPublic,
  pssVerify,
  sha256,
} from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { framesOfMessage } from '../../src/protocol/client-codec.ts';
import { parseFingerprint, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { encodeContent, parseContent } from '../../src/protocol/layouts/content.ts';
import {
  encodeIdentityDocument,
  fingerprintInput,
  parseIdentityDocument,
} from '../../src/protocol/layouts/identity-document.ts';
import {
  identitySignatureInput,
  splitSignatures,
  successorSignatureInput,
} from '../../src/protocol/layouts/identity-signatures.ts';
import {
  encodeMessageHeader,
  layoutOf,
  parseMessageHeader,
} from '../../src/protocol/layouts/message-header.ts';
import {
  commitInput,
  contentInfo,
  recipientsInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { padContent, paddedPlaintextBytes, unpadContent } from '../../src/protocol/layouts/padding.ts';
import { roomPasswordBytes, roomProofInput } from '../../src/protocol/layouts/room-password.ts';
import { safetyNumberInput } from '../../src/protocol/layouts/safety-number.ts';
import {
  challengeAnswerInput,
  challengeLabel,
  registerInput,
  resumeInput,
  signedActInput,
} from '../../src/protocol/layouts/session-proofs.ts';
import { BATCH_FRAMES_MAX } from '../../src/protocol/limits.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { scanFrame } from '../../src/protocol/scan.ts';
import connection from './connection.json' with { type: 'json' };
import content from './content.json' with { type: 'json' };
import files from './files.json' with { type: 'json' };
import identity from './identity.json' with { type: 'json' };
import keys from './keys.json' with { type: 'json' };
import { inHex } from './make-content.ts';
import { fileVectors } from './make-files.ts';
import layout1 from './message.json' with { type: 'json' };
import layout2 from './message-layout-2.json' with { type: 'json' };
import roomPassword from './room-password.json' with { type: 'json' };
import safety from './safety-number.json' with { type: 'json' };
import scan from './scan.json' with { type: 'json' };
import { bytes, keysOf, present } from './vector-keys.ts';

describe('our code agrees with the stored vectors', () => {
  it('about keys and fingerprints', async () => {
    for (const person of Object.values(keys)) {
      const loaded = await keysOf(person);
      expect(toHex(loaded.rsaKey)).toBe(person.rsa_spki);
      expect(toHex(loaded.signingKey)).toBe(person.ed25519_public);
      expect(toHex(fingerprintInput(loaded.rsaKey, loaded.signingKey))).toBe(person.fingerprint_input);
      expect(loaded.fingerprint).toBe(person.fingerprint);
    }
  });

  it('about identity documents and their signatures', async () => {
    for (const vector of identity.documents) {
      const parsed = parseIdentityDocument(bytes(vector.document));
      if (!parsed.ok) throw new Error(parsed.reason);
      expect(toHex(encodeIdentityDocument(parsed.document))).toBe(vector.document);
      expect(parsed.document).toMatchObject({
        username: vector.username,
        sequence: vector.sequence,
        createdAt: vector.created_at,
      });
      const hash = await sha256(bytes(vector.document));
      expect(toHex(hash)).toBe(vector.document_hash);
      expect(toHex(identitySignatureInput(hash))).toBe(vector.own_signature_input);
      expect(toHex(successorSignatureInput(hash))).toBe(vector.successor_signature_input);
    }
    const chain = identity.documents.map((vector) => ({
      document: bytes(vector.document),
      signatures: bytes(vector.signatures),
    }));
    const verified = await verifyChain(chain);
    expect(verified.ok ? verified.identities.map((each) => each.fingerprint) : verified.reason).toStrictEqual(
      [keys.alice.fingerprint, keys.alice_after_rotation.fingerprint],
    );
    for (const vector of identity.invalid) {
      expect(parseIdentityDocument(bytes(vector.document)), vector.why).toStrictEqual({
        ok: false,
        reason: vector.reason,
      });
    }
  });

  it('about what is proved on a connection', async () => {
    const alice = await keysOf(keys.alice);
    const fields = {
      origin: present(parseOrigin(connection.origin)),
      username: foldName(present(parseUserName(connection.login.username))),
      clientNonce: bytes(connection.client_nonce),
      serverNonce: bytes(connection.server_nonce),
      expires: connection.login.expires,
    };
    const { register, login, resume, acts } = connection;
    const input = registerInput(fields, await sha256(bytes(register.document)));
    expect(toHex(input)).toBe(register.input);
    const [pair] = present(splitSignatures(bytes(register.proof), 1));
    const rsa = await importRsaPublic(alice.rsaKey);
    const ed25519 = await importEd25519Public(alice.signingKey);
    expect(await pssVerify(rsa.verify, present(pair).rsa, input)).toBe(true);
    expect(await ed25519Verify(ed25519, present(pair).ed25519, input)).toBe(true);
    expect(toHex(challengeLabel(fields))).toBe(login.label);
    expect(toHex(challengeAnswerInput(fields))).toBe(login.answer_input);
    expect(await answerChallenge(alice, fields, bytes(login.challenge))).toStrictEqual({
      ok: true,
      mac: bytes(login.mac),
    });
    expect(toHex(resumeInput(fields, await sha256(bytes(resume.token))))).toBe(resume.input);
    expect(toHex(await signResume(alice, fields, bytes(resume.token)))).toBe(resume.signature);
    for (const [index, act] of (
      ['logout', 'logout-everywhere', 'rotate', 'close-account'] as const
    ).entries()) {
      expect(acts[index]).toStrictEqual({
        act,
        input: toHex(signedActInput(act, fields)),
        signature: toHex(await signAct(alice, act, fields)),
      });
    }
  });

  it('about files', async () => {
    expect(await fileVectors()).toEqual(files);
  });

  it('about content and padding', () => {
    for (const { content: length, plaintext } of content.plaintext_bytes)
      expect(paddedPlaintextBytes(length)).toBe(plaintext);
    for (const vector of content.contents) {
      expect(toHex(encodeContent({ type: 'text', text: vector.text }))).toBe(vector.content);
      expect(toHex(padContent(bytes(vector.content)))).toBe(vector.padded);
      expect(unpadContent(bytes(vector.padded))).toStrictEqual(bytes(vector.content));
      expect(parseContent(bytes(vector.content))).toStrictEqual({
        ok: true,
        content: { type: 'text', text: vector.text },
      });
    }
    for (const { fields, content: encoded } of content.kinds)
      expect(inHex(parseContent(bytes(encoded)))).toStrictEqual({ ok: true, content: fields });
    for (const { why, content: encoded, reads } of content.read)
      expect(inHex(parseContent(bytes(encoded))), why).toStrictEqual(
        reads === null ? { ok: false } : { ok: true, content: reads },
      );
    for (const { why, padded } of content.invalid_padding)
      expect(unpadContent(bytes(padded)), why).toBeUndefined();
  });

  it.each([layout1, layout2])('about message headers, recipients and labels', async (message) => {
    const recipients = message.recipients.map(({ user, fingerprint }) => ({
      user: present(parseUserId(user)),
      fingerprint: present(parseFingerprint(fingerprint)),
    }));
    expect(toHex(recipientsInput([...recipients].reverse()))).toBe(message.recipients_input);
    expect(toHex(contentInfo())).toBe(message.content_info);
    expect(toHex(commitInput())).toBe(message.commit_input);
    for (const vector of message.messages) {
      const parsed = parseMessageHeader(bytes(vector.header));
      if (!parsed.ok) throw new Error(parsed.reason);
      expect(toHex(encodeMessageHeader(parsed.header))).toBe(vector.header);
      expect(parsed.header.number).toBe(vector.header_fields.number);
      expect(layoutOf(parsed.header)).toBe(vector.header_fields.layout);
      expect(toHex(wrapLabel(await sha256(bytes(vector.header))))).toBe(vector.wrap_label);
    }
  });

  it.each([layout1, layout2])('about whole sealed messages, read by both members', async (message) => {
    const { alice, bob } = keys;
    const readers = [alice, bob];
    const accepted: AcceptedIdentity = {
      fingerprint: present(parseFingerprint(alice.fingerprint)),
      ed25519Verify: await importEd25519Public(bytes(alice.ed25519_public)),
      replacedAt: undefined,
    };
    const hash = recipientsHash(
      message.recipients.map(({ user, fingerprint }) => ({
        user: present(parseUserId(user)),
        fingerprint: present(parseFingerprint(fingerprint)),
      })),
    );
    for (const [index, person] of readers.entries()) {
      const { rsaDecrypt } = await keysOf(person);
      const chains = new MemoryChainStore();
      for (const [seq, vector] of message.messages.entries()) {
        const fields = vector.header_fields;
        const copy = {
          room: present(parseRoomId(fields.room)),
          seq,
          at: fields.sent_at,
          from: present(parseUserId(fields.sender)),
          header: bytes(vector.header),
          ciphertext: bytes(vector.ciphertext),
          wrap: bytes(vector.wraps).slice(256 * index, 256 * (index + 1)),
        };
        const [opened] = await suiteOne.open([copy], {
          rsaDecrypt: [rsaDecrypt],
          chains,
          readableAfter: 0,
          acceptedIdentities: async () => [accepted],
          roomSecret: async () => bytes(vector.room_secret),
          recipientsHash: () => hash,
        });
        expect(opened).toMatchObject({
          status: 'ok',
          content: { type: 'text', text: vector.text },
          marks: [],
          missing: 0,
        });
      }
    }
  });

  it('about room passwords', async () => {
    for (const vector of roomPassword.passwords) {
      expect(toHex(present(roomPasswordBytes(vector.password)))).toBe(vector.normalised);
      const derived = await deriveRoomPassword(vector.password, bytes(vector.salt));
      if (!derived.ok) throw new Error(derived.reason);
      expect(toHex(derived.keys.proof)).toBe(vector.proof);
      expect(toHex(derived.keys.secret)).toBe(vector.secret);
      const input = roomProofInput(derived.keys.proof);
      expect(toHex(input)).toBe(vector.stored_input);
      expect(toHex(await sha256(input))).toBe(vector.stored);
    }
    for (const password of roomPassword.refused) {
      expect(await deriveRoomPassword(password, new Uint8Array(32))).toStrictEqual({
        ok: false,
        reason: 'bad_password',
      });
    }
  });

  it('about safety numbers, in either order', async () => {
    for (const vector of safety.pairs) {
      const [one, other] = [present(parseFingerprint(vector.one)), present(parseFingerprint(vector.other))];
      expect(toHex(safetyNumberInput(one, other))).toBe(vector.input);
      expect(await safetyNumber(one, other)).toBe(vector.number);
      expect(await safetyNumber(other, one)).toBe(vector.number);
    }
  });

  it('about frames that may and may not be decoded', () => {
    const caps = { depthMax: scan.depth_max, itemsMax: scan.items_max };
    for (const { frame } of scan.valid) expect(scanFrame(bytes(frame), caps), frame).toBe('ok');
    for (const { why, frame, reason } of scan.invalid)
      expect(scanFrame(bytes(frame), caps), why).toBe(reason);
  });

  it('about messages that are and are not batches', () => {
    expect(scan.batch_frames_max).toBe(BATCH_FRAMES_MAX);
    for (const { message, frames } of scan.batches)
      expect(framesOf(bytes(message)).map(toHex)).toEqual(frames);
    for (const { why, message, reason } of scan.no_batches)
      expect(framesOfMessage(bytes(message), true), why).toBe(reason);
  });
});

function framesOf(message: Uint8Array): readonly Uint8Array[] {
  const frames = framesOfMessage(message, true);
  return typeof frames === 'string' ? expect.unreachable(frames) : frames;
}
