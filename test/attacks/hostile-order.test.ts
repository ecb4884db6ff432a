import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ConclaveClient, Room } from '../../client/sdk/index.ts';
import type { ServerEvent } from '../../src/protocol/client-codec.ts';
import type { StoredMessage } from '../../src/protocol/message-requests.ts';
import { type Actor, read, shown, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

interface Scene {
  readonly ann: Room;
  readonly cid: Room;
  readonly bob: Actor;
  readonly room: string;
}

/** Ann and Cid, honestly connected, and Bob behind the hostile server, in one room. */
async function scene(header: 1 | 2, retention = 30, onDisk = false): Promise<Scene> {
  const ann = await theatre.actor(theatre.name('Ann'), { honestly: true });
  const cid = await theatre.actor(theatre.name('Cid'), { honestly: true });
  const name = theatre.name('Bob');
  const bob = await (onDisk ? theatre.actorOnDisk(name) : theatre.actor(name));
  const room = theatre.name('Lobby');
  await ann.client.create(room, { header, retention });
  for (const { client } of [cid, bob]) await client.join(room);
  const open = (client: ConclaveClient) => client.room(room);
  return { ann: await open(ann.client), cid: await open(cid.client), bob, room };
}

/** Ann asks, Cid says yes or no to something else in between, and Ann, who saw it, answers. */
async function talk({ ann, cid }: Scene): Promise<void> {
  const anns = ann.follow({ after: 'joined' });
  await ann.send('shall we sell?');
  await cid.send('no');
  for (const text of ['shall we sell?', 'no']) expect(shown(present((await anns.next()).value))).toBe(text);
  await ann.send('as Cid says');
}

/** Of positions 1 and 2, each stands where the other did. */
const swapped = <T extends StoredMessage>(message: T): T =>
  message.seq > 2 ? message : { ...message, seq: 3 - message.seq };

/** The first two deliveries change places. */
function swapDeliveries(): void {
  const held: ServerEvent[] = [];
  theatre.hostile.onEvent = (event) => {
    if (event.name !== 'deliver' || event.body.message.seq > 2) return [event];
    held.push({ ...event, body: { ...event.body, message: swapped(event.body.message) } });
    return event.body.message.seq === 2 ? held.reverse() : [];
  };
}

async function heard(room: Room, count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const message of room.follow({ after: 'joined' })) {
    lines.push(shown(message));
    if (lines.length === count) break;
  }
  return lines;
}

it('two senders whose messages change places are found out by the one who answers, live', async () => {
  const stage = await scene(2);
  const bobs = await stage.bob.client.room(stage.room);
  swapDeliveries();
  const lines = heard(bobs, 3);
  await talk(stage);
  expect(await lines).toEqual(['no', 'shall we sell?', 'as Cid says [order_contradicted]']);
});

it('and in history, after a restart, and every time that it is read', async () => {
  const stage = await scene(2, 30, true);
  await talk(stage);
  theatre.hostile.reply('history', (reply) => ({
    ...reply,
    messages: reply.messages.map(swapped).sort((a, b) => a.seq - b.seq),
  }));
  const lines = ['no', 'shall we sell?', 'as Cid says [order_contradicted]'];
  expect(await read(await stage.bob.client.room(stage.room))).toEqual(lines);
  const again = await theatre.restartFromDisk(stage.bob);
  expect(await read(await again.client.room(stage.room))).toEqual(lines);
});

it('an honest server marks nothing, live or in history', async () => {
  const stage = await scene(2);
  const lines = heard(await stage.bob.client.room(stage.room), 3);
  await talk(stage);
  const texts = ['shall we sell?', 'no', 'as Cid says'];
  expect(await lines).toEqual(texts);
  expect(await read(stage.cid)).toEqual(texts);
});

it('in rooms of layout 1, and in those that store nothing, nobody compares', async () => {
  for (const [header, retention] of [
    [1, 30],
    [2, 0],
  ] as const) {
    const stage = await scene(header, retention);
    swapDeliveries();
    const lines = heard(await stage.bob.client.room(stage.room), 3);
    await talk(stage);
    expect(await lines).toEqual(['no', 'shall we sell?', 'as Cid says']);
    theatre.hostile.begin();
  }
});
