import {
  answerChallenge,
  proveRegistration,
  signAct,
  signResume,
} from '../../client/crypto/connection-proofs.ts';
import { importRsaPublic, oaepEncrypt, sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex, utf8 } from '../../src/protocol/bytes.ts';
import {
  type ChallengeFields,
  challengeAnswerInput,
  challengeLabel,
  registerInput,
  resumeInput,
  signedActInput,
} from '../../src/protocol/layouts/session-proofs.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { keysOf, present, type VectorPerson } from './vector-keys.ts';

/** What Alice proves on one connection: registration, login, resume, and the acts that need a fresh signature. */
export async function connectionVectors(alice: VectorPerson): Promise<unknown> {
  const keys = await keysOf(alice);
  const fields: ChallengeFields = {
    origin: present(parseOrigin('wss://chat.example')),
    username: foldName(present(parseUserName('Alice'))),
    clientNonce: new Uint8Array(32).fill(0xc1),
    serverNonce: new Uint8Array(32).fill(0x5e),
    expires: 1_790_000_030_000,
  };
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
  const label = challengeLabel(fields);
  const challenge = await oaepEncrypt((await importRsaPublic(keys.rsaKey)).encrypt, label, secret);
  const answer = await answerChallenge(keys, fields, challenge);
  if (!answer.ok) throw new TypeError(answer.reason);
  const token = utf8('an opaque token of the server');
  const document = utf8('the identity document as transmitted');
  const documentHash = await sha256(document);
  return {
    signer: 'alice',
    origin: fields.origin,
    client_nonce: toHex(fields.clientNonce),
    server_nonce: toHex(fields.serverNonce),
    register: {
      document: toHex(document),
      input: toHex(registerInput(fields, documentHash)),
      proof: toHex(await proveRegistration(keys, fields, document)),
    },
    login: {
      username: fields.username,
      expires: fields.expires,
      label: toHex(label),
      secret: toHex(secret),
      challenge: toHex(challenge),
      answer_input: toHex(challengeAnswerInput(fields)),
      mac: toHex(answer.mac),
    },
    resume: {
      token: toHex(token),
      input: toHex(resumeInput(fields, await sha256(token))),
      signature: toHex(await signResume(keys, fields, token)),
    },
    acts: await Promise.all(
      (['logout', 'logout-everywhere', 'rotate', 'close-account'] as const).map(async (act) => ({
        act,
        input: toHex(signedActInput(act, fields)),
        signature: toHex(await signAct(keys, act, fields)),
      })),
    ),
  };
}
