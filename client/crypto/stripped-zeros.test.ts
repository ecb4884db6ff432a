import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { challengeAnswerInput, challengeLabel } from '../../src/protocol/layouts/session-proofs.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { newKeys } from '../../test/support/new-keys.ts';
import { answerChallenge } from './connection-proofs.ts';
import { freshId } from './fresh-id.ts';
import { MemoryChainStore } from './memory-chain-store.ts';
import { recipientsHash } from './recipients.ts';
import { suiteOne } from './suite-one.ts';
import { hmacSha256, importEd25519Public, importRsaPublic, oaepEncrypt, randomBytes } from './web-crypto.ts';

const { subtle } = globalThis.crypto;

/** A platform that decrypts as WebKit does: zeros at the front of what RSA-OAEP gives are gone. */
beforeEach(() => {
  const decrypt = subtle.decrypt.bind(subtle);
  vi.spyOn(subtle, 'decrypt').mockImplementation(async (algorithm, key, data) => {
    const decrypted = await decrypt(algorithm, key, data);
    const isOaep = typeof algorithm === 'object' && algorithm.name === 'RSA-OAEP';
    const first = isOaep ? new Uint8Array(decrypted).findIndex((byte) => byte !== 0) : 0;
    return decrypted.slice(first < 0 ? decrypted.byteLength : first);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function keysAndEncrypt() {
  const keys = await newKeys();
  return { keys, rsaEncrypt: (await importRsaPublic(keys.rsaKey)).encrypt };
}

const fields = {
  origin: parseOrigin('wss://chat.example') ?? expect.unreachable(),
  username: foldName(parseUserName('Ada') ?? expect.unreachable()),
  clientNonce: randomBytes(32),
  serverNonce: randomBytes(32),
  expires: 1,
};

test.each([0, 1, 8])('a login challenge that begins with %i zeros is answered', async (zeros) => {
  const { keys, rsaEncrypt } = await keysAndEncrypt();
  const secret = new Uint8Array(32).fill(7, zeros);
  const challenge = await oaepEncrypt(rsaEncrypt, challengeLabel(fields), secret);
  expect(await answerChallenge(keys, fields, challenge)).toEqual({
    ok: true,
    mac: await hmacSha256(secret, challengeAnswerInput(fields)),
  });
});

test.each([16, 23, 33])('a challenge of %i bytes is not taken for one of 32', async (length) => {
  const { keys, rsaEncrypt } = await keysAndEncrypt();
  const challenge = await oaepEncrypt(rsaEncrypt, challengeLabel(fields), new Uint8Array(length).fill(7));
  expect(await answerChallenge(keys, fields, challenge)).toMatchObject({ ok: false });
});

test('a message whose content key begins with zeros opens', async () => {
  const { keys, rsaEncrypt } = await keysAndEncrypt();
  const [room, user] = [freshId(parseRoomId), freshId(parseUserId)];
  const draw = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
  vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
    draw(array);
    if (array instanceof Uint8Array && array.length === 32) array.fill(0, 0, 3);
    return array;
  });
  const { fingerprint } = keys;
  const sealed = await suiteOne.seal({
    messageId: freshId(parseMessageId),
    room,
    sender: user,
    keys,
    chain: freshId(parseChainId),
    number: 0,
    previousHash: new Uint8Array(0),
    rosterVersion: 1,
    members: [{ user, fingerprint, rsaEncrypt }],
    passwordNumber: 0,
    roomSecret: undefined,
    sentAt: 1,
    seen: undefined,
    content: { type: 'text', text: 'Zeros count' },
  });
  const ed25519Verify = await importEd25519Public(keys.signingKey);
  const [opened] = await suiteOne.open(
    [
      {
        room,
        from: user,
        seq: 1,
        at: 1,
        header: sealed.header,
        ciphertext: sealed.ciphertext,
        wrap: sealed.wraps,
      },
    ],
    {
      rsaDecrypt: [keys.rsaDecrypt],
      chains: new MemoryChainStore(),
      readableAfter: 0,
      acceptedIdentities: () =>
        Promise.resolve([{ fingerprint, ed25519Verify, replacedAt: undefined, lastPosition: undefined }]),
      roomSecret: () => Promise.resolve(undefined),
      recipientsHash: () => recipientsHash([{ user, fingerprint }]),
    },
  );
  expect(opened).toMatchObject({ status: 'ok', content: { text: 'Zeros count' } });
});
