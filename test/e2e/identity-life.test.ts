import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConclaveClient,
  type ConclaveError,
  type ConnectionStatus,
  memoryStorage,
  type Room,
} from '../../client/sdk/index.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';
import { verifyUser } from '../support/sdk/decisions.ts';

let cluster: TestCluster;
let people: People;
let urls: readonly string[];
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
  people = new People();
  urls = cluster.gateways.map(({ url }) => url);
});
afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const url = (node: number): string => urls[node] ?? expect.unreachable();
/** What is promised: so long after new keys are in force nobody is in with the old ones, on any node. */
const OLD_KEYS_MS_MAX = 1_000;
const refusal = (code: ConclaveError['code']) => expect.objectContaining({ code });

/** When the client is in such a state, on the monotonic clock of this process. */
async function msOf(
  client: ConclaveClient,
  isReached: (status: ConnectionStatus) => boolean,
): Promise<number> {
  for await (const status of client.statuses()) if (isReached(status)) return performance.now();
  return expect.unreachable('the client never was in this state');
}

describe('new keys', () => {
  it('come into force while everybody talks: nothing is lost, nothing fails to open, whoever pinned goes on', async () => {
    const devices = await registerAll(people, ['Ann', 'Bob', 'Cleo'], urls);
    const [ann, bob] = devices;
    if (ann === undefined || bob === undefined) expect.unreachable();
    const { oracle, rooms } = await gather('Talk', devices);
    const notices = ann.client.notices();
    await verifyUser(ann.client, 'Bob');
    const before = await bob.client.me();
    const talk = async ([name, room]: readonly [string, Room]): Promise<void> => {
      for (let i = 0; i < 20; i += 1) await oracle.say(room, name);
    };
    const talking = Promise.all([...rooms].map(talk));
    await bob.client.rotate();
    await bob.client.rotate();
    await talking;
    await oracle.verify();
    const after = await bob.client.me();
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect((await notices.next()).value).toMatchObject({
      type: 'key-rotated',
      user: 'Bob',
      wasVerified: true,
    });
    await eventually(async () =>
      expect(await ann.client.person('bob')).toMatchObject({
        fingerprint: after.fingerprint,
        trust: 'verified_before',
        keys: [{ fingerprint: before.fingerprint }, {}, { current: true }],
      }),
    );
    await eventually(async () => {
      const members = await rooms.get('Ann')?.members();
      expect(members?.find(({ user }) => user === 'Bob')).toMatchObject({ trust: 'verified_before' });
    });

    // A new machine with all of the keys reads all of it, under the old keys and the new.
    const again = await people.login(await bob.storage.keys.load(), url(0));
    const history = await (await again.client.room('Talk')).history({ after: 0 });
    expect(history.messages.length).toBeGreaterThanOrEqual(60);
    for (const message of history.messages) expect(message).toMatchObject({ type: 'message', status: 'ok' });
  });

  it('kill the tokens and sessions of the old ones on the other node within a second', () =>
    quickestWithin(OLD_KEYS_MS_MAX, async (round) => {
      const dora = await people.register(`Dora${round}`, url(0));
      const { account } = dora.storage;
      const elsewhere = await people.login(account, url(1));
      const token = memoryStorage(account);
      const idle = await people.resume(token, url(1));
      await idle.client.close();
      // The session that asks is closed right after its answer: from then on the new keys are in force.
      const answered = msOf(dora.client, ({ state }) => state !== 'online');
      const told = msOf(elsewhere.client, ({ state }) => state === 'closed');
      const refused = answered.then(async () => {
        await expect(people.resume(token, url(1))).rejects.toEqual(refusal('keys_replaced'));
        return performance.now();
      });
      await dora.client.rotate();
      const tookMs = { told: (await told) - (await answered), refused: (await refused) - (await answered) };
      expect(elsewhere.client.status).toMatchObject({ error: refusal('auth_failed') });
      await expect(people.login(account, url(1))).rejects.toEqual(refusal('auth_failed'));
      const newer = await people.login(await dora.storage.keys.load(), url(1));
      expect(await newer.client.me()).toEqual({ ...(await dora.client.me()), server: newer.client.origin });
      return Math.max(tookMs.told, tookMs.refused);
    }));
});

describe('the end of an account', () => {
  it('passes its rooms on over all nodes, ends its sessions, and keeps what it wrote readable', async () => {
    const devices = await registerAll(people, ['Emil', 'Fay', 'Gus'], urls);
    const [emil, fay, gus] = devices;
    if (emil === undefined || fay === undefined || gus === undefined) expect.unreachable();
    const { oracle, rooms } = await gather('Inherited', devices);
    const room = (device: Device): Room => rooms.get(device.name) ?? expect.unreachable();
    await oracle.say(room(emil), 'Emil');
    await oracle.verify();
    await emil.client.create('Alone');
    const second = await people.login(emil.storage.account, url(1));
    const changes = room(gus).changes();
    await emil.client.closeAccount();
    await eventually(() => expect(second.client.status).toMatchObject({ error: refusal('auth_failed') }));
    await eventually(async () =>
      expect((await room(gus).members()).map(({ user, role }) => [user, role])).toEqual([
        ['Fay', 'owner'],
        ['Gus', 'member'],
      ]),
    );
    expect((await changes.next()).value).toMatchObject({ room: 'Inherited' });
    await room(gus).send('without Emil');
    const { messages } = await room(fay).history({ after: 0 });
    expect(messages.map((message) => (message.type === 'message' ? message.status : 'gap'))).toEqual([
      'ok',
      'ok',
    ]);
    await eventually(() => expect(fay.client.create('Alone')).resolves.toMatchObject({ role: 'owner' }));
    await expect(people.login(emil.storage.account, url(1))).rejects.toEqual(refusal('auth_failed'));
    await expect(people.register('EMIL', url(1))).rejects.toEqual(refusal('name_taken'));
  });
});
