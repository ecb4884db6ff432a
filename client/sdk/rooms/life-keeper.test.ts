import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RoomRecord } from '../../../src/domain/roster.ts';
import { featureNames } from '../../../src/protocol/features.ts';
import { parseRoomLife } from '../../../src/protocol/layouts/room-life.ts';
import { eventually } from '../../../test/support/eventually.ts';
import {
  type Account,
  LiveFixture,
  lobby,
  nextChange,
  taken,
} from '../../../test/support/sdk/live-fixture.ts';
import { type AccountStorage, type ConclaveClient, memoryStorage, type Room } from '../index.ts';
import { contentOf, writeRecords } from '../storage/account-content.ts';
import { MENDS_MAX } from './life-changes.ts';

let fixture: LiveFixture;
let ada: Account;
let bob: Account;
let adas: Room;
let bobs: Room;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  ({ ada, bob, adas, bobs } = await lobby(fixture));
  await adas.setLife(3_600);
  await eventually(() => expect(bobs.life).toBe(3_600));
});
afterEach(() => fixture[Symbol.asyncDispose]());

/** What the gateway has, whatever the server shows. */
const stored = async (): Promise<RoomRecord> =>
  (await fixture.stores.rooms.byId(adas.id)) ?? expect.unreachable();
const storedLife = async (): Promise<Uint8Array> => (await stored()).life ?? expect.unreachable();
const numberOf = (life: Uint8Array): number | undefined => parseRoomLife(life)?.life.number;
const updates = (): number => fixture.server.count('update');

/** The server says that this is the life of the room; undefined: it says nothing of one. */
function showLife(life: Uint8Array | undefined): void {
  const shown = <Told extends { readonly life?: Uint8Array }>({ life: _, ...told }: Told) => ({
    ...told,
    ...(life !== undefined && { life }),
  });
  fixture.server.claim(shown);
  fixture.server.onEvent = (event) =>
    event.name === 'room' ? [{ ...event, body: shown(event.body) }] : [event];
}

async function restarted({ storage }: { readonly storage: AccountStorage }): Promise<ConclaveClient> {
  const client = await fixture.client(storage);
  await client.connect();
  return client;
}

/** What people are told of lives, wherever it is told. */
function heard(client: ConclaveClient): readonly unknown[] {
  const told: unknown[] = [];
  const hear = async (): Promise<void> => {
    for await (const notice of client.notices()) if (notice.type.startsWith('life-')) told.push(notice);
  };
  hear().catch(() => undefined);
  return told;
}

describe('a server that lost the life of a room', () => {
  test.each([
    ['none any more', (): undefined => undefined],
    ['the one before', (early: Uint8Array): Uint8Array => early],
  ])('and shows %s is given the last one by the owner’s client, and by nobody else', async (_, shown) => {
    const early = await storedLife();
    await adas.setLife(60);
    await eventually(() => expect(bobs.life).toBe(60));
    const last = await storedLife();
    expect(last).not.toEqual(early);
    await Promise.all([ada.close(), bob.close()]);
    showLife(shown(early));
    const before = updates();
    const bobAgain = await restarted(bob);
    const told = heard(bobAgain);
    await (await bobAgain.room('Lobby')).send('still for a minute');
    await eventually(() => expect(told).toMatchObject([{ type: 'life-refused', seconds: 60 }]));
    expect(updates()).toBe(before);
    await (await restarted(ada)).room('Lobby');
    await eventually(() => expect(updates()).toBeGreaterThan(before));
    const given = fixture.server.bodies('update').slice(before);
    expect(given).toEqual([{ room: adas.id, life: last }]);
  });

  test('again and again makes no client of the owner’s send it without end', async () => {
    await ada.close();
    const again = await restarted(ada);
    const room = await again.room('Lobby');
    const { name, retention, hidden, password, version } = await stored();
    const settings = { room: room.id, name, retention, hidden, password: password.number, version };
    const before = updates();
    for (let round = 0; round < MENDS_MAX + 4; round += 1) {
      fixture.server.tell({ name: 'room', body: { ...settings, life: new Uint8Array([round]) } });
      await eventually(() => expect(updates() - before).toBe(Math.min(round + 1, MENDS_MAX)));
      // Sent only after what the server showed was looked at, and the answer to a change was there.
      await room.send(`round ${round}`);
    }
    await room.send('over');
    expect(updates() - before).toBe(MENDS_MAX);
    expect(room.life).toBe(3_600);
  });
});

describe('an heir who was away when the owner set it last', () => {
  const passOn: readonly (readonly [how: string, act: () => Promise<unknown>])[] = [
    ['the room is handed over', async () => adas.handOver((await bob.me()).user)],
    ['the owner closes the account', () => ada.closeAccount()],
  ];

  test.each(passOn)('keeps to that when %s, and signs it for everybody', async (_, pass) => {
    await bob.close();
    await adas.setLife(60);
    await pass();
    const again = await restarted(bob);
    const told = heard(again);
    const room = await again.room('Lobby');
    await eventually(() => expect(room.life).toBe(60));
    expect(told).toMatchObject([{ type: 'life-changed', seconds: 60 }]);
    const { id: user } = await again.me();
    await eventually(async () =>
      expect(parseRoomLife(await storedLife())?.life).toMatchObject({ user, number: 3, seconds: 60 }),
    );
  });
});

test('what an earlier gateway says nothing of stays as it is, and nobody is told', async () => {
  await bob.close();
  fixture.server.offer(featureNames.filter((name) => name !== 'room-life'));
  showLife(undefined);
  const again = await restarted(bob);
  const told = heard(again);
  const room = await again.room('Lobby');
  const { id } = await room.send('for an hour');
  const { messages } = await room.history({ after: 0 });
  expect(messages).toContainEqual(expect.objectContaining({ id, expires: 3_600 }));
  expect(told).toEqual([]);
  expect(room.life).toBe(3_600);
});

test('an event without a life, as a change by an earlier gateway makes it, changes nothing', async () => {
  const told = heard(bob);
  showLife(undefined);
  await adas.setRetention(3);
  await eventually(() => expect(bobs.retention).toBe(3));
  await bobs.send('for an hour');
  expect(told).toEqual([]);
  expect(bobs.life).toBe(3_600);
});

test('devices of the owner that set it at the same time agree again with the next change', async () => {
  const other = await restarted(ada);
  const others = await other.room('Lobby');
  await Promise.allSettled([adas.setLife(60), others.setLife(120)]);
  // Whose number was taken is refused until it has heard of the other one.
  await eventually(() => adas.setLife(30));
  await eventually(() => expect([others.life, bobs.life]).toEqual([30, 30]));
  expect(numberOf(await storedLife())).toBeGreaterThan(2);
});

test('the pin of a life is in a backup: a server that withholds it from the new device gains nothing', async () => {
  const content = await contentOf(bob.storage, 'backup');
  await bob.close();
  const storage = memoryStorage(content.account);
  await writeRecords(content.records, storage.state);
  showLife(undefined);
  const room = await (await restarted({ storage })).room('Lobby');
  expect(room.life).toBe(3_600);
});

test('a person’s decision about the room takes what the server shows next, if the owner signed it', async () => {
  const early = await storedLife();
  await adas.setLife(60);
  await eventually(() => expect(bobs.life).toBe(60));
  await Promise.all([ada.close(), bob.close()]);
  showLife(early);
  const again = await restarted(bob);
  await again.trustRoom(await again.inspectRoom('Lobby'));
  const room = await again.room('Lobby');
  await eventually(() => expect(room.life).toBe(3_600));
});

test('a person’s decision about a room in which nothing of it differs forgets no life', async () => {
  expect(await bob.inspectRoom('Lobby')).toMatchObject({ lifeDiffers: false });
  await bob.trustRoom(await bob.inspectRoom('Lobby'));
  await bob.close();
  showLife(undefined);
  const again = await restarted(bob);
  const { fault } = await again.inspectRoom('Lobby');
  expect(fault).toMatch(/no longer shows when messages here disappear/);
  expect((await again.room('Lobby')).life).toBe(3_600);
});

test('who sets it is told in the room, and nowhere else', async () => {
  const told = heard(ada);
  const feed = adas.follow({ after: 'joined' });
  const changes = adas.changes();
  await adas.setLife(60);
  expect(await nextChange(changes)).toMatchObject({ type: 'life-changed', user: 'Ada', seconds: 60 });
  await changes.return?.();
  await adas.setLife(30);
  await bobs.send('so that what was told came');
  expect(await taken(feed, 1)).toEqual(['so that what was told came']);
  expect(told).toEqual([]);
});

test('an own choice of password forgets no life', async () => {
  const told = heard(ada);
  await adas.setPassword('open sesame');
  await adas.send('for an hour');
  // One that was forgotten would be taken as a first one.
  expect(told).toEqual([]);
  await ada.close();
  showLife(undefined);
  const room = await (await restarted(ada)).room('Lobby');
  expect(room.life).toBe(3_600);
});
