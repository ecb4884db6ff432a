import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import type { Notice } from '../../client/sdk/notice.ts';
import type { OwnEpoch, RoomInfo } from '../../src/protocol/entities.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

interface Vault {
  readonly name: string;
  readonly alice: Actor;
  readonly bob: Actor;
  readonly alices: Room;
  readonly bobs: Room;
}

/** A room of suite 2. Alice speaks to the gateway itself, Bob to the hostile server. */
async function vault(): Promise<Vault> {
  const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
  const bob = await theatre.actor(theatre.name('Bob'));
  const name = theatre.name('Vault');
  await alice.client.create(name, { suite: 2 });
  await bob.client.join(name);
  return { name, alice, bob, alices: await alice.client.room(name), bobs: await bob.client.room(name) };
}

/** What Bob gets of epochs, in events and pages, in place of what the gateway shows. */
function showEpochs(change: (epoch: OwnEpoch) => readonly OwnEpoch[]): void {
  theatre.hostile.reply('epochs', (reply) => ({ ...reply, epochs: reply.epochs.flatMap(change) }));
  theatre.hostile.onEvent = (event) =>
    event.name === 'epoch'
      ? change(event.body.epoch).map((epoch) => ({ ...event, body: { ...event.body, epoch } }))
      : [event];
}

function kindsTold({ client }: Actor): readonly string[] {
  const told: string[] = [];
  void (async () => {
    for await (const notice of client.notices()) told.push(kindOf(notice));
  })();
  return told;
}

const kindOf = (notice: Notice): string => (notice.type === 'epoch' ? notice.kind : notice.type);

const statuses = async (room: Room): Promise<readonly string[]> =>
  (await room.history({ after: 0 })).messages.map((message) =>
    message.type === 'message' ? `${message.status} ${message.text ?? ''}`.trim() : message.type,
  );

describe('a server that shows a member no epoch, or not the one that was made', () => {
  it('keeps its messages closed to that member, and can make nobody seal under it', async () => {
    const { alices, bobs } = await vault();
    showEpochs(() => []);
    await alices.send('unseen');
    await expect.poll(() => bobs.head).toBe(1);
    expect(await statuses(bobs)).toEqual(['undecryptable']);
    theatre.hostile.honest();
    await bobs.send('seen');
    expect(await statuses(bobs)).toEqual(['ok unseen', 'ok seen']);
  });

  it('is named when it changes the record, the wrap or the path of an epoch', async () => {
    const { alices, bobs, bob } = await vault();
    const told = kindsTold(bob);
    const changed = (bytes: Uint8Array): Uint8Array =>
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
    showEpochs((epoch) => [
      { ...epoch, wrap: changed(epoch.wrap) },
      { ...epoch, path: changed(epoch.path) },
      { ...epoch, record: changed(epoch.record) },
    ]);
    await alices.send('unseen');
    await expect.poll(() => told).toContain('epoch_of_server');
    expect(await statuses(bobs)).toEqual(['undecryptable']);
    theatre.hostile.honest();
    await bobs.send('seen');
    expect(await statuses(bobs)).toEqual(['ok unseen', 'ok seen']);
    expect(told).not.toContain('epoch_of_member');
  });

  it('is named when it passes an epoch of another room, or of another number, for the next one', async () => {
    const other = await vault();
    const elsewhere: OwnEpoch[] = [];
    showEpochs((epoch) => {
      elsewhere.push(epoch);
      return [epoch];
    });
    await other.alices.send('elsewhere');
    await expect.poll(() => elsewhere.length).toBeGreaterThan(0);
    const { alices, bobs, bob } = await vault();
    const told = kindsTold(bob);
    showEpochs(({ number }) => elsewhere.slice(0, 1).map((epoch) => ({ ...epoch, number })));
    await alices.send('unseen');
    await expect.poll(() => told).toContain('epoch_of_server');
    showEpochs((epoch) => [{ ...epoch, number: epoch.number + 1 }]);
    expect(await statuses(bobs)).toEqual(['undecryptable']);
    theatre.hostile.honest();
    await bobs.send('seen');
    expect(await statuses(bobs)).toEqual(['ok unseen', 'ok seen']);
  });
});

describe('a room of suite 2 that the server says is of suite 1', () => {
  it('is not sent to in suite 1, before or after a restart', async () => {
    const { bob, bobs, name } = await vault();
    const lowered = ({ suite: _suite, header: _header, epoch: _epoch, ...info }: RoomInfo): RoomInfo => info;
    theatre.hostile.claim(lowered);
    const entered = theatre.hostile.count('enter');
    theatre.hostile.cut();
    await expect.poll(() => theatre.hostile.count('enter')).toBeGreaterThan(entered);
    await expect.poll(() => bob.client.status.state).toBe('online');
    expect(bobs.suite).toBe(2);
    const again = await theatre.restart(bob);
    const room = await again.client.room(name);
    await expect(room.send('in suite 1')).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('send')).toBe(0);
  });
});
