import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { featureNames } from '../../../src/protocol/features.ts';
import { parseRoomLife } from '../../../src/protocol/layouts/room-life.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { FakeRoom } from '../../../test/support/sdk/fake-room.ts';
import { lobby, SdkFixture } from '../../../test/support/sdk/sdk-fixture.ts';
import { type AccountStorage, type ConclaveClient, memoryStorage, type Room } from '../index.ts';
import { contentOf, writeRecords } from '../storage/account-content.ts';
import { MENDS_MAX } from './life-changes.ts';

let fixture: SdkFixture;
let ada: ConclaveClient & { readonly storage: AccountStorage };
let bob: ConclaveClient & { readonly storage: AccountStorage };
let adas: Room;
let bobs: Room;
beforeEach(async () => {
  fixture = await SdkFixture.start();
  fixture.server.features = featureNames;
  ({ ada, bob, adas, bobs } = await lobby(fixture));
  await adas.setLife(3_600);
  await eventually(() => expect(bobs.life).toBe(3_600));
});
afterEach(() => fixture[Symbol.asyncDispose]());

const stored = (): FakeRoom => fixture.server.room('Lobby');
const numberOf = (life: Uint8Array | undefined): number | undefined =>
  life === undefined ? undefined : parseRoomLife(life)?.life.number;
const updates = (): number => fixture.server.requests.filter(({ name }) => name === 'update').length;

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
    const early = stored().life ?? expect.unreachable();
    await adas.setLife(60);
    const last = stored().life;
    await Promise.all([ada.close(), bob.close()]);
    stored().life = shown(early);
    const before = updates();
    const bobAgain = await restarted(bob);
    const told = heard(bobAgain);
    await (await bobAgain.room('Lobby')).send('still for a minute');
    await eventually(() => expect(told).toMatchObject([{ type: 'life-refused', seconds: 60 }]));
    expect(updates()).toBe(before);
    await (await restarted(ada)).room('Lobby');
    await eventually(() => expect(stored().life).toEqual(last));
  });

  test('again and again makes no client of the owner’s send it without end', async () => {
    await ada.close();
    const again = await restarted(ada);
    const room = await again.room('Lobby');
    const before = updates();
    for (let round = 0; round < MENDS_MAX + 4; round += 1) {
      stored().life = new Uint8Array([round]);
      fixture.server.emit(stored().id, 'room', stored().settings());
      await room.send(`round ${round}`);
    }
    expect(updates() - before).toBe(MENDS_MAX);
    expect(room.life).toBe(3_600);
  });
});

test('what an earlier gateway says nothing of stays as it is, and nobody is told', async () => {
  await bob.close();
  fixture.server.features = featureNames.filter((name) => name !== 'room-life');
  stored().life = undefined;
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
  const { life: _left, ...settings } = stored().settings();
  stored().version += 1;
  fixture.server.emit(stored().id, 'room', { ...settings, retention: 3, version: stored().version });
  await eventually(() => expect(bobs.retention).toBe(3));
  await bobs.send('for an hour');
  expect(bobs.life).toBe(3_600);
});

test('devices of the owner that set it at the same time agree again with the next change', async () => {
  const other = await restarted(ada);
  const others = await other.room('Lobby');
  await Promise.allSettled([adas.setLife(60), others.setLife(120)]);
  await adas.setLife(30);
  await eventually(() => expect([others.life, bobs.life]).toEqual([30, 30]));
  expect(numberOf(stored().life)).toBeGreaterThan(2);
});

test('the pin of a life is in a backup: a server that withholds it from the new device gains nothing', async () => {
  const content = await contentOf(bob.storage, 'backup');
  await bob.close();
  const storage = memoryStorage(content.account);
  await writeRecords(content.records, storage.state);
  stored().life = undefined;
  const room = await (await restarted({ storage })).room('Lobby');
  expect(room.life).toBe(3_600);
});

test('a person’s decision about the room takes what the server shows next, if the owner signed it', async () => {
  const early = stored().life ?? expect.unreachable();
  await adas.setLife(60);
  await eventually(() => expect(bobs.life).toBe(60));
  await Promise.all([ada.close(), bob.close()]);
  stored().life = early;
  const again = await restarted(bob);
  await again.trustRoom(await again.inspectRoom('Lobby'));
  const room = await again.room('Lobby');
  await eventually(() => expect(room.life).toBe(3_600));
});

test('who sets it is told in the room, and nowhere else', async () => {
  const told = heard(ada);
  const changes = adas.changes();
  await adas.setLife(60);
  expect((await changes.next()).value).toMatchObject({ type: 'life-changed', user: 'Ada', seconds: 60 });
  await changes.return?.();
  await adas.setLife(30);
  await bobs.send('so that what was told came');
  expect(told).toEqual([]);
});

test('an own choice of password forgets no life', async () => {
  await adas.setPassword('open sesame');
  await ada.close();
  stored().life = undefined;
  const room = await (await restarted(ada)).room('Lobby');
  expect(room.life).toBe(3_600);
});
