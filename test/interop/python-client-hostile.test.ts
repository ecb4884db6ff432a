import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import type { ServerEvent } from '../../src/protocol/client-codec.ts';
import { parseUserId } from '../../src/protocol/ids.ts';
import type { HeaderLayout } from '../../src/protocol/layouts/message-header.ts';
import { changed } from '../attacks/people.ts';
import { impostorOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { readText, untilRead } from './bundled-reader.ts';
import { PythonProcess } from './python-process.ts';

type Delivered = Extract<ServerEvent, { readonly name: 'deliver' }>['body']['message'];

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

interface Scene extends AsyncDisposable {
  readonly alice: Actor;
  readonly room: Room;
  readonly python: PythonProcess;
}

/** Alice, honestly connected, and the Python client behind the hostile server, in one room. */
async function scene(header: HeaderLayout = 1): Promise<Scene> {
  const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
  const name = theatre.name('Lobby');
  await alice.client.create(name, { header });
  const python = await PythonProcess.register(theatre.hostile.url, theatre.name('Python'));
  await python.ok('join', { name });
  const room = await alice.client.room(name);
  return { alice, room, python, [Symbol.asyncDispose]: () => python[Symbol.asyncDispose]() };
}

/** The next deliveries come like this instead. */
function rewriteDeliveries(rewrite: (message: Delivered) => Delivered): void {
  theatre.hostile.onEvent = (event) =>
    event.name === 'deliver'
      ? [{ ...event, body: { ...event.body, message: rewrite(event.body.message) } }]
      : [event];
}

test('what was altered on its way to the Python client, or comes again, is refused by its checks', async () => {
  await using stage = await scene();
  const { python, room } = stage;
  const user = parseUserId(python.user) ?? expect.unreachable();
  const seen: Delivered[] = [];
  const forgeries: readonly (readonly [string, (message: Delivered) => Delivered])[] = [
    ['ok', (message) => message],
    ['altered', (message) => ({ ...message, ciphertext: changed(message.ciphertext) })],
    ['undecryptable', (message) => ({ ...message, wrap: changed(message.wrap) })],
    ['altered', (message) => ({ ...message, header: new Uint8Array(3) })],
    ['forged', (message) => ({ ...message, from: user })],
    ['replayed', ({ seq, at }) => ({ ...(seen[0] ?? expect.unreachable()), seq, at })],
    ['ok', (message) => message],
  ];
  for (const [position, [verdict, forge]] of forgeries.entries()) {
    rewriteDeliveries((message) => {
      seen.push(message);
      return forge(message);
    });
    const text = `number ${position}`;
    await room.send(text);
    const said = await python.says({ event: 'message', room: room.name, seq: position + 1 });
    expect(said).toMatchObject(verdict === 'ok' ? { verdict, text } : { verdict });
  }
  // The last one tells how many of its chain never came.
  expect(python.messages(room.name).at(-1)).toMatchObject({ missing: forgeries.length - 2 });
});

test('the Python client counts what is missing between a chain and the one that follows it', async () => {
  const { hostile } = theatre;
  const sender = await theatre.actor(theatre.name('Alice'));
  const name = theatre.name('Lobby');
  await sender.client.create(name);
  await using python = await PythonProcess.register(hostile.url, theatre.name('Python'));
  await python.ok('join', { name });
  const room = await sender.client.room(name);
  await room.send('one');
  await python.says({ event: 'message', room: name, seq: 1 });
  const withhold = (): void => {
    hostile.onEvent = (event) => (event.name === 'deliver' && event.body.message.seq === 2 ? [] : [event]);
    hostile.reply('history', (page) => ({
      ...page,
      messages: page.messages.filter(({ seq }) => seq !== 2),
    }));
  };
  withhold();
  await room.send('withheld');
  // The next one gets neither to the room nor an answer.
  hostile.hold('send');
  hostile.divert('send', (body) => ({ ...body, wraps: new Uint8Array(0) }));
  const asked = hostile.count('send');
  const unanswered = expect(room.send('in doubt')).rejects.toMatchObject({ code: 'closed' });
  await expect.poll(() => hostile.count('send')).toBeGreaterThan(asked);
  const { client } = await theatre.restart(sender, false);
  await unanswered;
  hostile.honest();
  withhold();
  await client.connect();
  await (await client.room(name)).send('after');
  const said = await python.says({ event: 'message', room: name, seq: 3 });
  expect(said).toMatchObject({ text: 'after', missing: 1 });
  await client.close();
});

test('messages of two senders that change places are marked by the answer of one who saw them right', async () => {
  await using stage = await scene(2);
  const { python, room } = stage;
  const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
  await carol.client.join(room.name);
  const carols = await carol.client.room(room.name);
  await python.says({ event: 'roster', kind: 'joined', version: 3 });
  const held: ServerEvent[] = [];
  theatre.hostile.onEvent = (event) => {
    if (event.name !== 'deliver' || event.body.message.seq > 2) return [event];
    const message = { ...event.body.message, seq: 3 - event.body.message.seq };
    held.push({ ...event, body: { ...event.body, message } });
    return held.length === 2 ? held.reverse() : [];
  };
  const read = readText(room);
  await room.send('shall we sell?');
  await carols.send('no');
  await untilRead(read, [expect.stringContaining('shall we sell?'), expect.stringContaining('no')]);
  await room.send('as Carol says');
  await python.says({ event: 'message', text: 'as Carol says' });
  expect(python.messages(room.name).map(({ text, marks }) => [text, marks])).toEqual([
    ['no', []],
    ['shall we sell?', []],
    ['as Carol says', ['order_contradicted']],
  ]);
});

test('a delivery that was lost on its way comes from history, in its place', async () => {
  await using stage = await scene();
  const { python, room } = stage;
  theatre.hostile.onEvent = (event) =>
    event.name === 'deliver' && event.body.message.seq === 2 ? [] : [event];
  for (const text of ['one', 'two', 'three']) await room.send(text);
  await python.says({ event: 'message', text: 'three' });
  expect(python.messages(room.name).map(({ text, verdict }) => `${text} ${verdict}`)).toEqual([
    'one ok',
    'two ok',
    'three ok',
  ]);
});

test('a message for a roster that no longer holds is encrypted again for the one that does', async () => {
  await using stage = await scene();
  const { alice, python, room } = stage;
  const read = readText(room);
  const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
  await carol.client.join(room.name);
  await python.says({ event: 'roster', kind: 'joined', version: 3 });
  theatre.hostile.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
  await carol.client.leave(room.name);
  await python.ok('send', { room: room.name, text: 'who is here?' });
  expect(theatre.hostile.count('send')).toBe(2);
  await untilRead(read, [`${python.name}: who is here?`]);
  const { user } = await alice.client.me();
  expect((await python.ok('roster', { room: room.name }))['members']).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: user })]),
  );
});

test("keys of the server's own under a pinned name stop the Python client from sending", async () => {
  await using stage = await scene();
  const { alice, python, room } = stage;
  await python.ok('send', { room: room.name, text: 'to Alice' });
  const { id, user } = await alice.client.me();
  const name = theatre.name('Other');
  await alice.client.create(name);
  swapKeys(theatre.hostile, id, await impostorOf(alice));
  await python.ok('join', { name });
  await python.says({ event: 'unexplained', name: user });
  expect(await python.refusal('send', { room: name, text: 'to whom?' })).toBe('CannotSend');
});

test('a locked room that the server says has no password is not sent to', async () => {
  await using stage = await scene();
  const { alice, python } = stage;
  const name = theatre.name('Vault');
  await alice.client.create(name, { password: 'secret words' });
  await python.ok('join', { name, password: 'secret words' });
  const { id: room, name: named, retention, hidden } = await alice.client.room(name);
  const body = { room, name: roomNamed(named), retention, hidden, password: 0, version: 3 };
  theatre.hostile.tell({ name: 'room', body });
  await python.says({ event: 'unexplained', room: name });
  expect(await python.refusal('send', { room: name, text: 'in the clear?' })).toBe('CannotSend');
});

test('a message whose answer was lost is sent again as it was, and is there once', async () => {
  await using stage = await scene();
  const { python, room } = stage;
  const read = readText(room);
  theatre.hostile.reply('send', (reply) => {
    theatre.hostile.honest();
    theatre.hostile.cut();
    return reply;
  });
  await python.ok('send', { room: room.name, text: 'once' });
  await python.ok('send', { room: room.name, text: 'and on' });
  expect(theatre.hostile.count('send')).toBe(3);
  await untilRead(read, [`${python.name}: once`, `${python.name}: and on`]);
});

test('a connection that is cut comes back by itself, with its rooms', async () => {
  await using stage = await scene();
  const { python, room } = stage;
  theatre.hostile.cut();
  await room.send('meanwhile');
  await python.says({ event: 'closed', returns: true });
  await python.says({ event: 'message', text: 'meanwhile', verdict: 'ok' });
  expect(theatre.hostile.asked.filter(({ name }) => name === 'resume')).toHaveLength(1);
});
