import { beforeAll, describe, expect, it } from 'vitest';
import {
  answerChallenge,
  proveRegistration,
  signAct,
  signResume,
} from '../../client/crypto/connection-proofs.ts';
import {
  ed25519Verify,
  hmacSha256,
  oaepEncrypt,
  randomBytes,
  sha256,
} from '../../client/crypto/web-crypto.ts';
import {
  type ChallengeFields,
  challengeAnswerInput,
  challengeLabel,
  resumeInput,
  signedActInput,
} from '../../src/protocol/layouts/session-proofs.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { changed, NOW, newPerson, newRoom, type Person, present, Sender } from './people.ts';

let alice: Person;
let fields: ChallengeFields;

beforeAll(async () => {
  alice = await newPerson('alice');
  fields = {
    origin: present(parseOrigin('wss://chat.example:443')),
    username: foldName(present(parseUserName('Alice'))),
    clientNonce: randomBytes(32),
    serverNonce: randomBytes(32),
    expires: NOW + 30_000,
  };
});

const refused = { ok: false, reason: 'challenge_does_not_open' };

describe('login challenges', () => {
  it('an honest one is answered with a MAC, not with the secret', async () => {
    const secret = randomBytes(32);
    const challenge = await oaepEncrypt(alice.identity.rsaEncrypt, challengeLabel(fields), secret);
    const answer = await answerChallenge(alice.keys, fields, challenge);
    expect(answer).toStrictEqual({ ok: true, mac: await hmacSha256(secret, challengeAnswerInput(fields)) });
  });

  it('one that was made for another address, name, connection or deadline opens nothing', async () => {
    const elsewhere: readonly ChallengeFields[] = [
      { ...fields, origin: present(parseOrigin('wss://evil.example')) },
      { ...fields, username: foldName(present(parseUserName('bob'))) },
      { ...fields, clientNonce: randomBytes(32) },
      { ...fields, serverNonce: randomBytes(32) },
      { ...fields, expires: fields.expires + 1 },
    ];
    for (const other of elsewhere) {
      const relayed = await oaepEncrypt(alice.identity.rsaEncrypt, challengeLabel(other), randomBytes(32));
      expect(await answerChallenge(alice.keys, fields, relayed)).toStrictEqual(refused);
    }
  });

  it('one that is made up, too short a secret, or changed, opens nothing', async () => {
    const short = await oaepEncrypt(alice.identity.rsaEncrypt, challengeLabel(fields), randomBytes(16));
    const whole = await oaepEncrypt(alice.identity.rsaEncrypt, challengeLabel(fields), randomBytes(32));
    for (const challenge of [randomBytes(256), new Uint8Array(0), short, changed(whole)]) {
      expect(await answerChallenge(alice.keys, fields, challenge)).toStrictEqual(refused);
    }
  });

  it('a stored message given out as a challenge opens nothing', async () => {
    const sender = new Sender(alice, [alice], newRoom());
    const stored = sender.copyFor(alice, await sender.say('hello'), 1);
    expect(await answerChallenge(alice.keys, fields, stored.wrap)).toStrictEqual(refused);
  });
});

describe('proofs of a connection', () => {
  it('a signature for one purpose, address or connection serves no other', async () => {
    const token = randomBytes(100);
    const resume = await signResume(alice.keys, fields, token);
    const verify = (signature: Uint8Array, input: Uint8Array): Promise<boolean> =>
      ed25519Verify(alice.identity.ed25519Verify, signature, input);
    expect(await verify(resume, resumeInput(fields, await sha256(token)))).toBe(true);
    expect(await verify(resume, resumeInput(fields, await sha256(randomBytes(100))))).toBe(false);
    expect(
      await verify(resume, resumeInput({ ...fields, serverNonce: randomBytes(32) }, await sha256(token))),
    ).toBe(false);
    expect(await verify(resume, signedActInput('logout', fields))).toBe(false);
    const logout = await signAct(alice.keys, 'logout', fields);
    expect(await verify(logout, signedActInput('logout', fields))).toBe(true);
    expect(await verify(logout, signedActInput('close-account', fields))).toBe(false);
    const proof = await proveRegistration(alice.keys, fields, token);
    expect(proof.length).toBe(320);
    expect(await verify(proof.slice(256), resumeInput(fields, await sha256(token)))).toBe(false);
  });
});
