import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConclaveClient } from '../../client/sdk/index.ts';
import { packRecord } from '../../client/sdk/storage/records.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { map, text, uint } from '../../src/protocol/shape.ts';
import { faceOf, type Headless } from '../support/chat/headless.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { TcpRelay } from '../support/tcp-relay.ts';

let cluster: TestCluster;
let people: People;
/** One address, as of a load balancer, that leads to the gateway which is chosen. */
let relay: TcpRelay;
let chosen = 0;
let reachable = true;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
  people = new People();
  relay = await TcpRelay.start({
    target: () => {
      if (!reachable) return undefined;
      const url = new URL(cluster.gateways[chosen]?.url ?? expect.unreachable());
      return { host: url.hostname, port: Number(url.port) };
    },
  });
});
afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const patience = { deadlineMs: 30_000 };
const nothing = { levels: new Map(), ignored: new Set<never>() };
const url = (): string => `ws://${relay.address}`;

/** Somebody with two devices, each on a gateway of its own, and somebody else who made the rooms. */
async function withTwoDevices(
  name: string,
): Promise<{ first: Device; second: Device; other: ConclaveClient; rooms: readonly string[] }> {
  const rooms = ['One', 'Two'].map((room) => `${name}${room}`);
  chosen = 0;
  const { client: other } = await people.register(`${name}Friend`, url());
  const first = await people.register(name, url());
  for (const room of rooms) {
    await other.create(room);
    await first.client.join(room);
  }
  chosen = 1;
  const second = await people.login(await first.storage.keys.load(), url());
  return { first, second, other, rooms };
}

const roomOf = ({ model }: Headless, room: string | undefined) =>
  model.rooms.find(({ name }) => name === room) ?? expect.fail(`there is no ${room}`);

describe('the settings of a user with two devices on two gateways', () => {
  test('say what was read, so that it is not unread on the other one', async () => {
    const { first, second, other, rooms } = await withTwoDevices('Ada');
    const [one = '', two] = rooms;
    await using desk = await faceOf(first, url());
    await using phone = await faceOf(second, url());
    const theirs = await other.room(one);
    for (const face of [desk, phone]) await face.line(`/join ${two}`);
    for (const said of ['first', 'second', 'third']) await theirs.send(said);
    for (const face of [desk, phone])
      await eventually(() => expect(roomOf(face, one)).toMatchObject({ unread: 3 }), patience);
    await desk.line(`/join ${one}`);
    await eventually(() => {
      expect(desk.texts).toContain('third');
      desk.look();
      expect(desk.room).toMatchObject({ unread: 0 });
    }, patience);
    await eventually(() => expect(roomOf(phone, one)).toMatchObject({ unread: 0 }), patience);
    const { seq } = await theirs.send('fourth');
    await eventually(() => expect(roomOf(phone, one)).toMatchObject({ unread: 1 }), patience);
    expect(roomOf(phone, one).read).toBe(seq - 1);

    // A device that was away learns it at its start.
    await eventually(() => {
      desk.look();
      expect(desk.room.read).toBe(seq);
    }, patience);
    await desk.application.close();
    const third = await people.login(await first.storage.keys.load(), url());
    await using laptop = await faceOf(third, url());
    await eventually(() => expect(roomOf(laptop, one)).toMatchObject({ read: seq, unread: 0, open: true }));
  }, 120_000);

  test('say whom to hide, which rooms tell of what, and in which order they are', async () => {
    const { first, second, other, rooms } = await withTwoDevices('Eve');
    const [one = '', two] = rooms;
    await using desk = await faceOf(first, url());
    await using phone = await faceOf(second, url());
    await desk.line(`/join ${two}`);
    await desk.line('/notify none');
    await desk.line('/move 1');
    await desk.line('/ignore evefriend');
    const names = ({ model }: Headless) => model.rooms.map(({ name }) => name);
    for (const face of [desk, phone]) {
      await eventually(() => expect(roomOf(face, two).notify).toBe('none'), patience);
      await eventually(() => expect(names(face)).toEqual([two, one]), patience);
      expect([...face.model.ignored]).toEqual(['evefriend']);
    }
    await (await other.room(one)).send('Eve, hello');
    await eventually(() => expect(roomOf(phone, one).timeline.entries).toHaveLength(1), patience);
    expect(roomOf(phone, one)).toMatchObject({ unread: 0, mentions: 0 });
    await phone.line(`/join ${two}`);
    await phone.line('/notify all');
    await phone.line('/move');
    await phone.line('/ignore EveFriend');
    for (const face of [phone, desk]) {
      await eventually(() => expect(roomOf(face, two).notify).toBe('all'), patience);
      expect(names(face)).toEqual([one, two]);
      expect([...face.model.ignored]).toEqual([]);
    }
    // Whoever leaves a room begins again with the default.
    const leaving = phone.line('/leave');
    await phone.asked('confirm', `Leave ${two}?`);
    phone.application.dialogs.agree();
    await leaving;
    await eventually(() => expect(names(phone)).toEqual([one]), patience);
    await phone.line(`/join ${two}`);
    await eventually(() => expect(roomOf(phone, two)).toMatchObject({ notify: 'mentions' }), patience);
  }, 120_000);

  test('converge after both changed them while neither heard of the other', async () => {
    const { first, second } = await withTwoDevices('Kim');
    const [lobby] = await first.client.ownRooms();
    const id = lobby?.id ?? expect.unreachable();
    const [bob, cid] = ['Bob', 'Cid'].map((name) => parseUserName(name) ?? expect.unreachable());
    if (bob === undefined || cid === undefined) expect.unreachable();
    for (const { client } of [first, second]) await client.userState.begin(nothing);
    await Promise.all([
      first.client.userState.setIgnored(bob, true),
      first.client.userState.setLevel(id, 'none'),
      second.client.userState.setIgnored(cid, true),
      second.client.userState.setLevel(id, 'all'),
    ]);
    const settings = await eventually(async () => {
      const all = await Promise.all([first, second].map(({ client }) => client.userState.begin(nothing)));
      expect(all[0]).toEqual(all[1]);
      expect(all[0]?.ignored).toEqual(new Set([foldName(bob), foldName(cid)]));
      return all[0];
    }, patience);
    expect(['all', 'none']).toContain(settings?.levels.get(id));
  }, 120_000);

  test('change without a connection, and reach the other device once there is one', async () => {
    const { first, second } = await withTwoDevices('Ann');
    const [lobby] = await first.client.ownRooms();
    const id = lobby?.id ?? expect.unreachable();
    for (const { client } of [first, second]) await client.userState.begin(nothing);
    reachable = false;
    first.wire.cut();
    await eventually(() => expect(first.client.status.state).toBe('waiting'), patience);
    const { levels } = await first.client.userState.setLevel(id, 'none');
    expect(levels.get(id)).toBe('none');
    reachable = true;
    first.client.retryNow();
    const changes = second.client.userState.changes();
    for await (const settings of changes) if (settings.levels.get(id) === 'none') break;
  }, 120_000);

  test('are the same in two processes that share a profile', async () => {
    const { first } = await withTwoDevices('Zoe');
    const twin = await people.resume(first.storage, url());
    const id = (await first.client.ownRooms())[0]?.id ?? expect.unreachable();
    for (const { client } of [first, twin]) await client.userState.begin(nothing);
    const changes = twin.client.userState.changes();
    await first.client.userState.setLevel(id, 'all');
    for await (const settings of changes) if (settings.levels.get(id) === 'all') break;
    expect((await twin.client.userState.begin(nothing)).levels.get(id)).toBe('all');
  }, 120_000);

  test('are stored once for a burst of changes, not once for each', async () => {
    const { first, second, other, rooms } = await withTwoDevices('Lea');
    await using desk = await faceOf(first, url());
    await desk.line(`/join ${rooms[0]}`);
    await second.client.userState.begin(nothing);
    const theirs = await other.room(rooms[0] ?? '');
    for (let number = 1; number <= 40; number += 1) {
      const { seq } = await theirs.send(`message ${number}`);
      await eventually(() => {
        expect(desk.texts).toContain(`message ${number}`);
        desk.look();
        expect(desk.room.read).toBe(seq);
      }, patience);
    }
    const { id, read } = desk.room;
    await eventually(async () => {
      const { reads } = await second.client.userState.begin(nothing);
      expect(reads.get(id)).toBe(read);
    }, patience);
    const versions = second.wire.events.filter(({ name }) => name === 'state');
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.length).toBeLessThan(10);
  }, 120_000);

  test('are taken over from a profile that an earlier release wrote', async () => {
    const { first, second, rooms } = await withTwoDevices('Moe');
    const { state } = first.storage;
    const own = (await first.client.ownRooms()).find(({ room }) => room === rooms[1]);
    const put = (key: string, value: Uint8Array) =>
      state.update('chat', key, () => ({ value, result: undefined }));
    await put('ignored.moefriend', packRecord(map({ since: uint() }), { since: 1 }));
    await put(`notify.${own?.id}`, packRecord(map({ level: text(8) }), { level: 'none' }));
    await using desk = await faceOf(first, url());
    await using phone = await faceOf(second, url());
    for (const face of [desk, phone]) {
      await eventually(() => expect(roomOf(face, rooms[1]).notify).toBe('none'), patience);
      expect([...face.model.ignored]).toEqual(['moefriend']);
    }
    await desk.line('/ignore moefriend');
    await desk.application.close();
    const again = await people.resume(first.storage, url());
    await using later = await faceOf(again, url());
    expect([...later.model.ignored]).toEqual([]);
  }, 120_000);
});
