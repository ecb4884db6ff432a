import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
  type Room,
  type RoomChange,
  type RoomMessage,
} from '../../client/sdk/index.ts';
import { WHY_CHARS_MAX } from '../../src/protocol/limits.ts';
import { eventually } from '../support/eventually.ts';
import { trustRoom } from '../support/sdk/decisions.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

/** The real client at a real gateway: what owners and moderators do, and what the others see. */
describe('rooms that have owners and moderators', () => {
  let gateway: LiveGateway;
  let count = 0;
  let people = 0;
  const clients: ConclaveClient[] = [];
  beforeAll(async () => {
    gateway = await startLiveGateway();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway[Symbol.asyncDispose]();
  });

  async function person(name: string): Promise<ConclaveClient> {
    const client = await createClient({
      server: gateway.url,
      storage: memoryStorage(await newAccountKeys(name)),
      webSocket: WebSocket,
      timeoutMs: 20_000,
    });
    clients.push(client);
    await client.register();
    return client;
  }

  /** Ada owns it; Bob and Eve are members. */
  async function cast(options: { readonly password?: string } = {}) {
    count += 1;
    const name = `Room${count}`;
    const [ada, bob, eve] = await Promise.all([
      person(`Ada${count}`),
      person(`Bob${count}`),
      person(`Eve${count}`),
    ]);
    await ada.create(name, options);
    for (const client of [bob, eve]) await client.join(name, options.password);
    const [adas, bobs, eves] = await Promise.all([ada.room(name), bob.room(name), eve.room(name)]);
    const names = { ada: `Ada${count}`, bob: `Bob${count}`, eve: `Eve${count}` };
    return { name, ada, bob, eve, adas, bobs, eves, names };
  }

  /** Everything that a room's changes tell, as it comes. */
  function heard(room: Room): readonly RoomChange[] {
    const changes: RoomChange[] = [];
    const read = async (): Promise<void> => {
      for await (const change of room.changes()) if (change.type !== 'presence') changes.push(change);
    };
    read().catch(() => undefined);
    return changes;
  }

  async function texts(room: Room, after: number | 'joined' = 'joined'): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const message of room.follow({ after, live: false })) found.push(shown(message));
    return found;
  }
  const shown = (message: RoomMessage): string =>
    message.type === 'message' ? (message.text ?? message.status) : message.type;

  it('a kicked member learns by whom and why in every session, as the others do, gets nothing more, and may come back', async () => {
    const { name, adas, bobs, eve, eves, names } = await cast();
    const expulsion = { by: names.ada, why: 'no advertising\u202e, please' };
    const [told, seen] = [heard(eves), heard(bobs)];
    const notices = eve.notices();
    await adas.send('before');
    await adas.kick(names.eve.toUpperCase(), expulsion.why);
    await eventually(() => {
      expect(told).toMatchObject([{ type: 'room-gone', reason: 'kicked', ...expulsion }]);
      expect(seen).toMatchObject([{ type: 'member-kicked', user: names.eve, banned: false, ...expulsion }]);
    });
    expect((await notices.next()).value).toMatchObject({
      ...{ type: 'own-room', room: name, kind: 'kicked' },
      ...expulsion,
    });
    await bobs.send('while she is away');
    await expect(eve.room(name)).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(adas.kick(names.eve)).rejects.toMatchObject({ code: 'no_such_member' });
    await eve.join(name);
    const again = await eve.room(name);
    // What she sends before she heard of it has no copy for Eve.
    await eventually(async () => expect((await adas.members()).map(({ user }) => user)).toContain(names.eve));
    await adas.send('welcome back');
    await eventually(async () => expect(await texts(again)).toEqual(['welcome back']));
  });

  it('a ban holds until it is lifted, by a moderator too', async () => {
    const { name, adas, bob, bobs, eve, eves, names } = await cast();
    const [told, seen] = [heard(eves), heard(bobs)];
    await expect(adas.kick(names.eve, 'x'.repeat(WHY_CHARS_MAX + 1))).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(bobs.ban(names.eve)).rejects.toMatchObject({ code: 'forbidden' });
    await adas.grant(names.bob);
    await eventually(() => expect(bobs.role).toBe('moderator'));
    await bobs.ban(names.eve);
    await eventually(() => {
      expect(told).toContainEqual(expect.objectContaining({ reason: 'banned', by: names.bob }));
      expect(seen).toContainEqual(
        expect.objectContaining({ type: 'member-kicked', banned: true, by: names.bob }),
      );
    });
    expect(told.some((change) => 'why' in change)).toBe(false);
    await expect(eve.join(name)).rejects.toMatchObject({ code: 'banned' });
    expect(await bobs.bans()).toMatchObject([{ user: names.eve }]);
    await bobs.unban(names.eve);
    expect(await adas.bans()).toEqual([]);
    await eve.join(name);
    await expect(bobs.ban('Nobody404')).rejects.toMatchObject({ code: 'invalid_name' });
    await adas.revoke(names.bob);
    await eventually(async () => expect((await bob.ownRooms())[0]?.role).toBe('member'));
  });

  it('a room that is handed over has another owner, in its members and for both', async () => {
    const { ada, adas, bobs, eves, names } = await cast();
    const seen = heard(eves);
    await expect(ada.leave(adas.name)).rejects.toMatchObject({ code: 'forbidden' });
    await adas.handOver(names.bob);
    expect(adas.role).toBe('moderator');
    await eventually(() => {
      expect(bobs.role).toBe('owner');
      expect(
        seen.map((change) => (change.type === 'member-role' ? change.role : change.type)).sort(),
      ).toEqual(['moderator', 'owner']);
    });
    const roles = (await eves.members()).map(({ role }) => role).sort();
    expect(roles).toEqual(['member', 'moderator', 'owner']);
    await ada.leave(adas.name);
    await bobs.send('still here');
  });

  it('a rename is followed by open rooms, profiles and pins, and frees the old name', async () => {
    const { name, ada, adas, bob, bobs, eves } = await cast();
    const seen = heard(bobs);
    eves.close();
    await adas.rename(`${name}New`);
    expect(adas.name).toBe(`${name}New`);
    await eventually(() =>
      expect(seen).toMatchObject([{ type: 'room-changed', room: `${name}New`, formerName: name }]),
    );
    expect(bobs.name).toBe(`${name}New`);
    await bobs.send('no alarm');
    await expect(bob.room(`${name.toLowerCase()}new`)).resolves.toBe(bobs);
    // The old name is anybody's again, also for who knew it before.
    await bob.create(name);
    await ada.join(name);
    await (await ada.room(name)).send('another room');
  });

  it('a new password is told of, opens what comes, and leaves the old readable', async () => {
    const { adas, bobs, eve, eves, names } = await cast({ password: 'first password' });
    await bobs.send('under the first');
    const seen = heard(bobs);
    const { toTell } = await adas.setPassword('second password');
    expect([...toTell].sort()).toEqual([names.bob, names.eve].sort());
    await eventually(() =>
      expect(seen).toMatchObject([{ type: 'room-changed', locked: true, unlocked: false }]),
    );
    expect(bobs.unlocked).toBe(false);
    await expect(bobs.send('under none')).rejects.toMatchObject({ code: 'needs_password' });
    await expect(bobs.unlock('first password')).rejects.toMatchObject({ code: 'no_such_room_or_password' });
    await adas.send('under the second');
    await bobs.unlock('second password');
    await bobs.send('answered');
    await eventually(async () =>
      expect(await texts(bobs)).toEqual(['under the first', 'under the second', 'answered']),
    );
    await eventually(async () =>
      expect(await texts(eves)).toEqual(['under the first', 'needs_password', 'needs_password']),
    );
    await adas.setPassword(undefined);
    await adas.send('for all');
    await eventually(() => expect(bobs.locked).toBe(false));
    await expect(bobs.send('not yet')).rejects.toMatchObject({ code: 'trust' });
    await trustRoom(eve, eves.name);
    await eves.send('accepted');
    const all = ['under the first', 'under the second', 'answered', 'for all', 'accepted'];
    await eventually(async () => expect(await texts(adas)).toEqual(all));
  });

  it('a shorter retention hides what is stored, and hiding takes a room off the list', async () => {
    const { adas, bobs } = await cast();
    const seen = heard(bobs);
    await adas.send('gone soon');
    await adas.setRetention(0);
    expect(await texts(bobs)).toEqual([]);
    await adas.setRetention(7);
    await adas.send('stays');
    await eventually(async () => expect(await texts(bobs)).toEqual(['stays']));
    await adas.setRetentionHours(12);
    await eventually(() => expect([bobs.retention, bobs.retentionHours]).toEqual([1, 12]));
    await eventually(() =>
      expect(seen.at(-1)).toMatchObject({ type: 'room-changed', retention: 1, retentionHours: 12 }),
    );
    await adas.setRetention(7);
    await eventually(() => expect([bobs.retention, bobs.retentionHours]).toEqual([7, 168]));
    expect(await texts(bobs)).toEqual(['stays']);
    await adas.setHidden(true);
    await eventually(() =>
      expect(seen.at(-1)).toMatchObject({ type: 'room-changed', hidden: true, retention: 7 }),
    );
    await expect(adas.setRetention(1.5)).rejects.toMatchObject({ code: 'usage' });
    await expect(bobs.setHidden(false)).rejects.toMatchObject({ code: 'forbidden' });
  });

  const livesIn = async (room: Room): Promise<readonly unknown[]> =>
    (await room.history({ after: room.joined })).messages.map((message) =>
      message.type === 'message' ? message.expires : message.type,
    );

  it('what is written carries the life that the owner set, unless its sender says otherwise', async () => {
    const { name, adas, bobs, names } = await cast();
    const seen = heard(bobs);
    await bobs.send('before');
    await adas.setLife(3_600);
    await eventually(() => expect(bobs.life).toBe(3_600));
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'life-changed', room: name, user: names.ada, seconds: 3_600 }),
    );
    await bobs.send('as the room says');
    await bobs.send('sooner', { expires: 60 });
    await bobs.send('never', { expires: 0 });
    const late = await person(`Late${count}`);
    await late.join(name);
    const lates = await late.room(name);
    await lates.send('of one who came later');
    await adas.setLife(0);
    await eventually(() => expect(bobs.life).toBe(0));
    await bobs.send('as before');
    await eventually(async () =>
      expect(await livesIn(adas)).toEqual([undefined, 3_600, 60, undefined, 3_600, undefined]),
    );
    await expect(bobs.setLife(60)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(adas.setLife(4)).rejects.toMatchObject({ code: 'usage' });
  });

  it('the life that was set stays when the room is handed over and when its owner changes keys, also for who comes later', async () => {
    const { name, ada, adas, bob, bobs, names } = await cast();
    await adas.setLife(3_600);
    await eventually(() => expect(bobs.life).toBe(3_600));
    const latecomer = async (who: string): Promise<number> => {
      people += 1;
      const late = await person(`${who}${count}n${people}`);
      await late.join(name);
      const room = await late.room(name);
      await room.send('here');
      await late.leave(name);
      return room.life;
    };
    await adas.handOver(names.bob);
    // The new owner's client signs it anew.
    await eventually(async () => expect(await latecomer('Heir')).toBe(3_600));
    await bob.rotate();
    await eventually(async () => expect(await latecomer('Keys')).toBe(3_600));
    expect((await ada.ownRooms()).find(({ room }) => room === name)?.life).toBe(3_600);
    expect(adas.life).toBe(3_600);
  });

  it('a deleted room ends for all, in rooms that are open and in those that are not', async () => {
    const { name, ada, adas, bob, bobs, eve, eves } = await cast();
    const told = heard(bobs);
    eves.close();
    const notices = eve.notices();
    await expect(bobs.delete()).rejects.toMatchObject({ code: 'forbidden' });
    await adas.delete();
    await eventually(() => expect(told).toMatchObject([{ type: 'room-gone', reason: 'deleted' }]));
    expect((await notices.next()).value).toMatchObject({ type: 'own-room', room: name, kind: 'deleted' });
    await expect(ada.room(name)).rejects.toMatchObject({ code: 'not_a_member' });
    await eventually(async () => expect(await bob.ownRooms()).toEqual([]));
    await ada.create(name);
    await (await ada.room(name)).send('a new one');
  });
});
