/**
 * What suite 2 costs a client: sealing a message, and making an epoch with the prekeys of its members checked. No network.
 * `npx tsx bench/epochs.ts`
 */
import type { EpochMember } from '../client/crypto/epochs/epoch-wrap.ts';
import { type MadeEpoch, makeEpoch } from '../client/crypto/epochs/make-epoch.ts';
import { newPrekeyChain, signPrekeys, verifiedPrekey } from '../client/crypto/epochs/prekeys.ts';
import { suiteTwo } from '../client/crypto/epochs/suite-two.ts';
import { signIdentity, verifyIdentity } from '../client/crypto/identity.ts';
import type { IdentityKeys } from '../client/crypto/identity-keys.ts';
import { userName } from '../loadtest/wire/wire-session.ts';
import { randomId } from '../src/lib/random-id.ts';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../src/protocol/ids.ts';
import { newKeys } from '../test/support/new-keys.ts';
import { printHead, printRow } from './support/table.ts';

/** RSA keys are slow to make and all alike to use: each of these stands for many members. */
const IDENTITIES = 8;
const SEALS = 500;
const SIZES: readonly number[] = [200, 1_000, 2_000];

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the bench lacks something that it made');
  return value;
}

interface Someone {
  readonly keys: IdentityKeys;
  readonly member: Omit<EpochMember, 'user' | 'prekey'>;
  /** Of a user: signed by these keys. */
  prekey(user: EpochMember['user']): Promise<Uint8Array>;
  check(user: EpochMember['user'], signed: Uint8Array): Promise<EpochMember['prekey']>;
}

async function someone(createdAt: number): Promise<Someone> {
  const keys = await newKeys();
  const username = userName('Somebody');
  const verified = await verifyIdentity(await signIdentity(keys, { username, createdAt }));
  if (!verified.ok) throw new TypeError(verified.reason);
  const { fingerprint, rsaEncrypt, ed25519Verify } = verified.identity;
  const chain = newPrekeyChain();
  return {
    keys,
    member: { fingerprint, rsaEncrypt },
    prekey: async (user) => given((await signPrekeys(chain, { user, createdAt }, keys, 1))[0]),
    check: (user, signed) => verifiedPrekey(signed, { user, fingerprint, createdAt, ed25519Verify }),
  };
}

/** The longest time in which no other work of the event loop got its turn, while something ran. */
async function watched(
  work: () => Promise<void>,
): Promise<{ readonly ms: number; readonly blockedMs: number }> {
  const started = performance.now();
  let last = started;
  let blockedMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    blockedMs = Math.max(blockedMs, now - last - 1);
    last = now;
  }, 1);
  await work();
  clearInterval(timer);
  return { ms: performance.now() - started, blockedMs };
}

const createdAt = Date.now();
const identities = await Promise.all(Array.from({ length: IDENTITIES }, () => someone(createdAt)));
const room = randomId(parseRoomId);
const maker = given(identities[0]);

printHead(
  ...['members', 'epoch ms', 'longest block ms', 'record bytes', 'wraps bytes', 'sealing a message ms'],
  'bytes of a message',
);
for (const size of SIZES) {
  const users = Array.from({ length: size }, () => randomId(parseUserId));
  const of = (i: number): Someone => given(identities[i % IDENTITIES]);
  const signed = await Promise.all(users.map((user, i) => of(i).prekey(user)));
  const epochs: MadeEpoch[] = [];
  const making = await watched(async () => {
    const members: EpochMember[] = [];
    for (const [i, user] of users.entries())
      members.push({ ...of(i).member, user, prekey: await of(i).check(user, given(signed[i])) });
    const made = await makeEpoch({
      ...{ room, members, number: 1, rosterVersion: 1, passwordNumber: 0, keying: 2, reason: 'membership' },
      ...{ previousHash: new Uint8Array(0), madeAt: createdAt, committer: given(users[0]), keys: maker.keys },
    });
    epochs.push(made);
  });
  const made = given(epochs[0]);
  const started = performance.now();
  let sent = 0;
  for (let i = 0; i < SEALS; i += 1) {
    const sealed = await suiteTwo.seal({
      ...{ room, epoch: made.held, keys: maker.keys, sender: given(users[0]), sentAt: createdAt, number: 0 },
      ...{ messageId: randomId(parseMessageId), chain: randomId(parseChainId) },
      ...{
        previousHash: new Uint8Array(0),
        roomSecret: undefined,
        seen: { position: 0, headerHash: new Uint8Array(0) },
      },
      content: { type: 'text', text: 'about as long as most messages are' },
    });
    sent = sealed.header.length + sealed.ciphertext.length + sealed.wraps.length;
  }
  const sealMs = (performance.now() - started) / SEALS;
  const wrapBytes = made.wraps.reduce((sum, { bytes }) => sum + bytes.length, 0);
  printRow(
    ...[size, making.ms.toFixed(0), making.blockedMs.toFixed(0), made.record.length, wrapBytes],
    ...[sealMs.toFixed(2), sent],
  );
}
