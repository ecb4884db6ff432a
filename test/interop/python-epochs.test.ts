import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEpoch, type OutgoingEpoch } from '../../client/crypto/epochs/make-epoch.ts';
import { openEpoch } from '../../client/crypto/epochs/open-epoch.ts';
import { newPrekeyChain, type PrekeyChain, prekeySeed } from '../../client/crypto/epochs/prekeys.ts';
import { sealEpochMessage } from '../../client/crypto/epochs/seal-epoch-message.ts';
import { wrapTree } from '../../client/crypto/epochs/wrap-tree.ts';
import { xWingPublicKey } from '../../client/crypto/epochs/x-wing.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import { openMessages } from '../../client/crypto/open.ts';
import type { AcceptedIdentity } from '../../client/crypto/suite.ts';
import { importEd25519Public, importRsaPublic, randomBytes } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseFingerprint, parseUserId, type UserId } from '../../src/protocol/ids.ts';
import type { Keying } from '../../src/protocol/layouts/epoch-record.ts';
import { newChain, newMessage, newRoom } from '../attacks/people.ts';
import { pythonToolsDir } from '../support/services/mongo-server.ts';
import people from '../vectors/keys.json' with { type: 'json' };
import { bytes, keysOf, present } from '../vectors/vector-keys.ts';

type Answer = Readonly<Record<string, unknown>>;

/** Members whose wraps differ: some have a prekey, of this week or of one that had begun before. */
const weeks = [3, 0, 1, 2, 0, 3, 3];
const sizes = [1, 2, 3, 4, 5, 6, 7, 13];
const keyings: readonly Keying[] = [1, 2];
const text = 'from the other one 👋';
const sentAt = 1_790_000_000_000;

interface Someone {
  readonly user: UserId;
  readonly person: typeof people.alice;
  /** 0: without a prekey. */
  readonly week: number;
}

/** Ascending by user id; the first of them makes the epoch, and the names of the keys alternate. */
function crowd(size: number): readonly [Someone, ...Someone[]] {
  const users = Array.from({ length: size }, () => present(parseUserId(randomBytes(16)))).sort();
  const [first, ...others] = users.map((user, index) => ({
    user,
    person: index % 2 === 0 ? people.alice : people.bob,
    week: weeks[index % weeks.length] ?? 0,
  }));
  return [present(first), ...others];
}

/** One process for all cases: it takes longer to start than to answer. */
async function ask(cases: readonly unknown[]): Promise<readonly Answer[]> {
  const python = join(pythonToolsDir, 'bin', 'python');
  const answers: unknown = await new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(python, ['test/interop/epoch_peer.py'], options, (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout)) : reject(error),
    );
    // Why it ended before it had read them is in its exit code and what it said.
    child.stdin?.on('error', () => undefined).end(JSON.stringify(cases));
  });
  return Array.isArray(answers) ? answers : expect.unreachable('it answers with a list');
}

async function acceptedIdentities(): Promise<readonly AcceptedIdentity[]> {
  const ed25519Verify = await importEd25519Public(bytes(people.alice.ed25519_public));
  const fingerprint = present(parseFingerprint(people.alice.fingerprint));
  return [{ fingerprint, ed25519Verify, replacedAt: undefined }];
}

async function memberOf({ user, person, week }: Someone, chain: PrekeyChain) {
  const { encrypt: rsaEncrypt } = await importRsaPublic(bytes(person.rsa_spki));
  const fingerprint = present(parseFingerprint(person.fingerprint));
  const seed = week === 0 ? undefined : present(await prekeySeed(chain, week));
  const prekey = seed === undefined ? undefined : { week, publicKey: await xWingPublicKey(seed) };
  return { user, fingerprint, rsaEncrypt, prekey };
}

/** An epoch of ours and a message under it, as each of its members would hand it to the other implementation. */
async function ours(keying: Keying, size: number, secret: Uint8Array | undefined) {
  const chain = newPrekeyChain();
  const [first, ...others] = crowd(size);
  const keys = await keysOf(first.person);
  const room = newRoom();
  const epoch: OutgoingEpoch = {
    ...{ room, number: 1, previousHash: new Uint8Array(0), rosterVersion: 12, keying, keys },
    ...{ passwordNumber: secret === undefined ? 0 : 5, committer: first.user },
    ...{ reason: 'membership', madeAt: sentAt },
    members: await Promise.all([first, ...others].map((someone) => memberOf(someone, chain))),
  };
  const { record, held, wraps } = await makeEpoch(epoch);
  const { header, ciphertext } = await sealEpochMessage({
    ...{ messageId: newMessage(), room, sender: first.user, keys, chain: newChain(), number: 0 },
    ...{ previousHash: new Uint8Array(0), roomSecret: secret, sentAt, epoch: held },
    seen: { position: 0, headerHash: new Uint8Array(0) },
    content: { type: 'text', text },
  });
  const { pathOf } = await wrapTree(wraps);
  const cases = [first, ...others].map(async ({ user, person }, index) => ({
    do: 'open',
    ...{ reader: person, committer: people.alice, user, room, chain_key: toHex(chain.key) },
    sender: first.user,
    ...{ record: toHex(record), wrap: toHex(present(wraps[index]).bytes), index, count: size },
    ...{ path: toHex(await pathOf(index)), header: toHex(header), ciphertext: toHex(ciphertext) },
    secret: secret === undefined ? '' : toHex(secret),
  }));
  return { cases: await Promise.all(cases), key: toHex(held.key) };
}

test.each(keyings)(
  'the Python client opens every wrap of epochs of keying %i that we make, and what is sealed under them',
  async (keying) => {
    const epochs = await Promise.all(
      sizes.map((size) => ours(keying, size, size % 2 === 0 ? randomBytes(32) : undefined)),
    );
    const answers = await ask(epochs.flatMap(({ cases }) => cases));
    const expected = epochs.flatMap(({ cases, key }) => cases.map(() => ({ key, text })));
    expect(answers).toStrictEqual(expected);
  },
);

test.each(keyings)(
  'the Python client finds every wrap of keying %i that was exchanged or altered',
  async (keying) => {
    const { cases } = await ours(keying, 5, undefined);
    const [one, other] = [present(cases[0]), present(cases[1])];
    const altered = `${one.wrap.slice(0, -2)}${one.wrap.endsWith('00') ? '01' : '00'}`;
    const bad = [
      { ...one, wrap: other.wrap },
      { ...one, wrap: other.wrap, path: other.path, index: other.index },
      { ...one, wrap: altered },
      { ...one, path: one.path.slice(64) },
      { ...one, count: 4 },
    ];
    for (const answer of await ask(bad)) expect(answer).toMatchObject({ fault: 'server' });
  },
);

test.each(keyings)(
  'we open every wrap of epochs of keying %i that the Python client makes, and what it seals under them',
  async (keying) => {
    const chain = newPrekeyChain();
    const crowds = sizes.map(crowd);
    const cases = crowds.map((members) => ({
      do: 'make',
      ...{ committer: people.alice, members, sender: members[0].user, room: newRoom(), keying, text },
      ...{ chain_key: toHex(chain.key), secret: members.length % 2 === 0 ? toHex(randomBytes(32)) : '' },
    }));
    const answers = await ask(cases);
    for (const [place, members] of crowds.entries()) {
      const [made, { room, sender, secret }] = [present(answers[place]), present(cases[place])];
      const rows = made['rows'];
      if (!Array.isArray(rows)) expect.unreachable('an epoch has wraps');
      for (const [index, { user, person, week }] of members.entries()) {
        const [holder, wrap, path]: readonly string[] = rows[index];
        const { rsaDecrypt, fingerprint } = await keysOf(person);
        const received = {
          ...{ record: bytes(`${made['record']}`), wrap: bytes(present(wrap)) },
          ...{ place: { index, count: members.length }, path: bytes(present(path)) },
        };
        const opened = await openEpoch(received, {
          ...{ user, room, acceptedIdentities, isReused: async () => false },
          keys: [{ rsaDecrypt, fingerprint, prekeySeed: (at) => prekeySeed(chain, at) }],
        });
        if (!opened.ok) expect.unreachable(opened.reason);
        expect([holder, opened.week]).toStrictEqual([user, keying === 1 ? 0 : week]);
        expect(toHex(opened.held.key)).toBe(made['key']);
        const [header, ciphertext] = [bytes(`${made['header']}`), bytes(`${made['ciphertext']}`)];
        const copy = { room, seq: 1, at: sentAt, from: sender, header, ciphertext, wrap: new Uint8Array(0) };
        const [message] = await openMessages([copy], {
          ...{ rsaDecrypt: [], chains: new MemoryChainStore(), readableAfter: 0, acceptedIdentities },
          roomSecret: async () => bytes(secret),
          recipientsHash: async () => opened.held.recipients,
          epoch: async () => opened.held,
        });
        expect(message).toMatchObject({ status: 'ok', content: { text }, marks: [] });
      }
    }
  },
);
