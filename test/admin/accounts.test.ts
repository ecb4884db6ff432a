import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type AccountStorage,
  ConclaveError,
  createClient,
  memoryStorage,
  newAccountKeys,
} from '../../client/sdk/index.ts';
import { getRecord, tokenRecord } from '../../client/sdk/storage/records.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import { HASH_BYTES } from '../../src/protocol/limits.ts';
import { decodeStrict } from '../../src/protocol/message-pack.ts';
import { cli } from '../support/cluster/cli-process.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { ADMIN_TOKEN, Operator } from '../support/cluster/operator.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';

let operator: Operator;
beforeAll(async () => {
  operator = await Operator.begin();
});
afterAll(() => operator[Symbol.asyncDispose]());

test('a disabled account is out on every node within a second, until it is enabled', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN } });
  const [first, second] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  await quickestWithin(1_000, async (round) => {
    const name = `Mallory${round}`;
    const { storage, client } = await people.register(name, urls[0] ?? '');
    await client.close();
    const sessions = await Promise.all(urls.map((url) => RawSession.open({ url, account: storage.account })));
    const startedAtMs = performance.now();
    expect(await operator.post(first, 'disable', { user: name.toLowerCase() })).toEqual({
      status: 200,
      body: { user: name },
    });
    await eventually(
      () =>
        expect(sessions.map(({ closeCode }) => closeCode)).toEqual(
          urls.map(() => closeCodes.account_closed.code),
        ),
      { deadlineMs: PATIENCE_MS, pauseMs: 5 },
    );
    const tookMs = performance.now() - startedAtMs;
    for (const url of urls) {
      // By its token, then by its keys: both are refused.
      await expect(people.resume(storage, url)).rejects.toMatchObject({ code: 'auth_failed' });
    }
    expect((await operator.post(second, 'enable', { user: name })).status).toBe(200);
    await using again = await RawSession.open({ url: urls[0] ?? '', ...storage });
    expect(again.openedBy).toBe('login');
    return tookMs;
  });
});

test('revoking ends the sessions of all nodes, and purging a room ends it for its members', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN } });
  const [first, second] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  const [ann, bob] = await registerAll(people, ['Ann', 'Bob'], urls);
  if (ann === undefined || bob === undefined) expect.unreachable();
  const { rooms, oracle } = await gather('Doomed', [ann, bob]);
  await oracle.say(rooms.get('Ann') ?? expect.unreachable(), 'Ann');
  await oracle.verify();
  expect(await operator.run(first, 'purge', 'doomed', '--yes')).toMatchObject({
    code: 0,
    json: [{ type: 'purged', room: 'Doomed', members: 2 }],
  });
  await eventually(async () => expect(await bob.client.ownRooms()).toEqual([]), { deadlineMs: PATIENCE_MS });
  await expect(rooms.get('Bob')?.send('still here?')).rejects.toBeDefined();
  await using mongo = new MongoClient(cluster.mongoUrl);
  expect(await mongo.db().collection('messages').find().toArray()).toEqual([]);
  // The name is free; what is left of the record is what its sweep goes by, without a member in it.
  expect(await mongo.db().collection('rooms').find({ folded: 'doomed' }).toArray()).toEqual([]);
  expect(
    await mongo
      .db()
      .collection('rooms')
      .find({ 'members.0': { $exists: true } })
      .toArray(),
  ).toEqual([]);
  expect(await operator.run(first, 'purge', 'doomed', '--yes')).toMatchObject({
    code: 5,
    json: [{ code: 'no_such_room' }],
  });

  const sessions = await Promise.all(
    urls.map((url) => RawSession.open({ url, account: ann.storage.account })),
  );
  expect(await operator.run(second, 'revoke', 'ann')).toMatchObject({
    code: 0,
    json: [{ type: 'revoked', user: 'Ann' }],
  });
  await eventually(
    () => expect(sessions.map(({ closeCode }) => closeCode)).toEqual(urls.map(() => closeCodes.revoked.code)),
    { deadlineMs: PATIENCE_MS },
  );
  expect(await operator.run(second, 'revoke', 'nobody')).toMatchObject({
    code: 5,
    json: [{ code: 'no_such_user' }],
  });
});

test('an invitation that is used at once on two nodes lets in one', async () => {
  const env = { ADMIN_TOKEN, REGISTRATION: 'invite' };
  await using cluster = await startCluster({ gateways: 2, env });
  const [first, second] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  const [invite] = (await operator.run(second, 'invite')).json;
  expect(invite).toMatchObject({
    type: 'invite',
    code: expect.stringMatching(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/),
  });
  const code = String(invite?.['code']);
  const register = async (name: string, i: number): Promise<string> => {
    const storage = memoryStorage(await newAccountKeys(name));
    const server = urls[i % urls.length] ?? '';
    const client = await createClient({ server, storage, webSocket: WebSocket });
    try {
      await client.register({ invite: code });
      return 'in';
    } catch (error) {
      return error instanceof ConclaveError ? error.code : String(error);
    } finally {
      await client.close();
    }
  };
  const outcomes = await Promise.all(['Una', 'Dua', 'Tria', 'Quad'].map(register));
  expect(outcomes.sort()).toEqual(['in', 'invite_needed', 'invite_needed', 'invite_needed']);
  expect([first, second].flatMap((gateway) => gateway?.logs).join('')).not.toContain(code);

  const profile = join(operator.folder, 'invited');
  const at = ['--server', urls[0] ?? '', '--profile', profile, '--no-passphrase', '--json'];
  expect(await cli([...at, '--no-input', 'register', 'Quinta'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--invite-file'),
  });
  await writeFile(join(operator.folder, 'used'), code);
  expect(
    await cli([...at, 'register', 'Quinta', '--invite-file', join(operator.folder, 'used')]),
  ).toMatchObject({
    code: 5,
    json: [{ type: 'error', code: 'invite_needed' }],
  });
  // For people: the code alone on standard output, to be put into a file.
  const printed = await operator.plain(first, 'invite');
  await writeFile(join(operator.folder, 'fresh'), printed.stdout.toLowerCase());
  expect(
    await cli([...at, 'register', 'Quinta', '--invite-file', join(operator.folder, 'fresh')]),
  ).toMatchObject({
    code: 0,
    json: [{ type: 'identity', user: 'Quinta' }],
  });
});

/** Which secret a stored resume token says it is of. */
async function secretOf({ state }: AccountStorage): Promise<unknown> {
  const { token } =
    (await getRecord(state, 'session', 'token', tokenRecord)) ?? expect.unreachable('there is no token');
  const content = decodeStrict(token.subarray(0, -HASH_BYTES), { depthMax: 1, itemsMax: 16 });
  return content.ok && Array.isArray(content.value) ? content.value[1] : undefined;
}

test('after the secret was changed old tokens resume on all nodes, and new ones are of the new secret', async () => {
  await using cluster = await startCluster({ gateways: 3, env: { ADMIN_TOKEN } });
  const [first] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  const { storage, client } = await people.register('Keeper', urls[0] ?? '');
  await client.close();
  expect(await secretOf(storage)).toBe(1);
  expect(await operator.run(first, 'rotate-secret')).toMatchObject({
    code: 0,
    json: [{ type: 'secret', number: 2, previousUntil: expect.stringMatching(/^\d{4}-/) }],
  });
  for (const url of urls) {
    await using session = await RawSession.open({ url, ...storage });
    expect(session.openedBy).toBe('resume');
  }
  for (const url of urls) {
    let fresh = memoryStorage(storage.account);
    // The notice may be on its way to this node.
    await eventually(
      async () => {
        fresh = memoryStorage(storage.account);
        await using session = await RawSession.open({ url, ...fresh });
        expect(session.openedBy).toBe('login');
        expect(await secretOf(fresh)).toBe(2);
      },
      { deadlineMs: PATIENCE_MS },
    );
    for (const other of urls) {
      await using session = await RawSession.open({ url: other, ...fresh });
      expect(session.openedBy).toBe('resume');
    }
  }
  expect(cluster.gateways.flatMap(({ logs }) => logs).filter((line) => line.includes('"warn"'))).toEqual([]);
});
