import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packRecord } from '../../client/sdk/storage/records.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { map, text, uint } from '../../src/protocol/shape.ts';
import { faceOf, type Headless } from '../support/chat/headless.ts';
import { nothingEarlier, TwoGateways } from '../support/cluster/two-devices.ts';
import { eventually } from '../support/eventually.ts';

let gateways: TwoGateways;
beforeAll(async () => {
  gateways = await TwoGateways.start();
});
afterAll(() => gateways[Symbol.asyncDispose]());

const patience = { deadlineMs: 30_000 };

const roomOf = ({ model }: Headless, room: string | undefined) =>
  model.rooms.find(({ name }) => name === room) ?? expect.fail(`there is no ${room}`);

describe('the settings of a user with two devices on two gateways', () => {
  test('say what was read, so that it is not unread on the other one', async () => {
    const { first, second, other, rooms } = await gateways.devicesOf('Ada');
    const [one = '', two] = rooms;
    await using desk = await faceOf(first, gateways.url);
    await using phone = await faceOf(second, gateways.url);
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
    const third = await gateways.people.login(await first.storage.keys.load(), gateways.url);
    await using laptop = await faceOf(third, gateways.url);
    await eventually(() => expect(roomOf(laptop, one)).toMatchObject({ read: seq, unread: 0, open: true }));
  }, 120_000);

  test('say whom to hide, which rooms tell of what, and in which order they are', async () => {
    const { first, second, other, rooms } = await gateways.devicesOf('Eve');
    const [one = '', two] = rooms;
    await using desk = await faceOf(first, gateways.url);
    await using phone = await faceOf(second, gateways.url);
    await desk.line(`/join ${two}`);
    await desk.line('/notify none');
    await desk.line('/move 1');
    await desk.line('/ignore evefriend');
    const names = ({ model }: Headless) => model.rooms.map(({ name }) => name);
    // Changes that are far enough apart come one by one.
    for (const face of [desk, phone])
      await eventually(() => {
        expect(roomOf(face, two).notify).toBe('none');
        expect(names(face)).toEqual([two, one]);
        expect([...face.model.ignored]).toEqual(['evefriend']);
      }, patience);
    await (await other.room(one)).send('Eve, hello');
    await eventually(() => expect(roomOf(phone, one).timeline.entries).toHaveLength(1), patience);
    expect(roomOf(phone, one)).toMatchObject({ unread: 0, mentions: 0 });
    await phone.line(`/join ${two}`);
    await phone.line('/notify all');
    await phone.line('/move');
    await phone.line('/ignore EveFriend');
    for (const face of [phone, desk])
      await eventually(() => {
        expect(roomOf(face, two).notify).toBe('all');
        expect(names(face)).toEqual([one, two]);
        expect([...face.model.ignored]).toEqual([]);
      }, patience);
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
    const { first, second } = await gateways.devicesOf('Kim');
    const [lobby] = await first.client.ownRooms();
    const id = lobby?.id ?? expect.unreachable();
    const [bob, cid] = ['Bob', 'Cid'].map((name) => parseUserName(name) ?? expect.unreachable());
    if (bob === undefined || cid === undefined) expect.unreachable();
    for (const { client } of [first, second]) await client.userState.begin(nothingEarlier);
    await Promise.all([
      first.client.userState.setIgnored(bob, true),
      first.client.userState.setLevel(id, 'none'),
      second.client.userState.setIgnored(cid, true),
      second.client.userState.setLevel(id, 'all'),
    ]);
    const settings = await eventually(async () => {
      const all = await Promise.all(
        [first, second].map(({ client }) => client.userState.begin(nothingEarlier)),
      );
      expect(all[0]).toEqual(all[1]);
      expect(all[0]?.ignored).toEqual(new Set([foldName(bob), foldName(cid)]));
      return all[0];
    }, patience);
    expect(['all', 'none']).toContain(settings?.levels.get(id));
  }, 120_000);

  test('are taken over from a profile that an earlier release wrote', async () => {
    const { first, second, rooms } = await gateways.devicesOf('Moe');
    const { state } = first.storage;
    const own = (await first.client.ownRooms()).find(({ room }) => room === rooms[1]);
    const put = (key: string, value: Uint8Array) =>
      state.update('chat', key, () => ({ value, result: undefined }));
    await put('ignored.moefriend', packRecord(map({ since: uint() }), { since: 1 }));
    await put(`notify.${own?.id}`, packRecord(map({ level: text(8) }), { level: 'none' }));
    await using desk = await faceOf(first, gateways.url);
    await using phone = await faceOf(second, gateways.url);
    for (const face of [desk, phone]) {
      await eventually(() => expect(roomOf(face, rooms[1]).notify).toBe('none'), patience);
      expect([...face.model.ignored]).toEqual(['moefriend']);
    }
    await desk.line('/ignore moefriend');
    await desk.application.close();
    const again = await gateways.people.resume(first.storage, gateways.url);
    await using later = await faceOf(again, gateways.url);
    expect([...later.model.ignored]).toEqual([]);
  }, 120_000);
});
