import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import { EpochBook } from '../../client/sdk/rooms/epoch-book.ts';
import type { OwnEpoch } from '../../src/protocol/entities.ts';
import { changed } from '../attacks/people.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { readText, untilMembers, untilShown } from './bundled-reader.ts';
import { PythonProcess } from './python-process.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

interface Vault extends AsyncDisposable {
  readonly name: string;
  readonly alice: Actor;
  readonly alices: Room;
  /** What Alice is shown. */
  readonly read: readonly string[];
  readonly python: PythonProcess;
}

/** Alice, honestly connected, and the Python client behind the hostile server, in one room of suite 2. */
async function vault(): Promise<Vault> {
  const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
  const name = theatre.name('Vault');
  await alice.client.create(name, { suite: 2 });
  const python = await PythonProcess.register(theatre.hostile.url, theatre.name('Python'));
  await python.ok('join', { name });
  const alices = await alice.client.room(name);
  await untilMembers(alices, [alice.storage.account.name, python.name]);
  const read = readText(alices);
  return { name, alice, alices, read, python, [Symbol.asyncDispose]: () => python[Symbol.asyncDispose]() };
}

/** What the Python client gets of epochs, in events and pages, in place of what the gateway shows. */
function showEpochs(change: (epoch: OwnEpoch) => readonly OwnEpoch[]): void {
  theatre.hostile.reply('epochs', (reply) => {
    const epochs = reply.epochs.flatMap(change);
    return { ...reply, epochs, more: reply.more && epochs.length > 0 };
  });
  theatre.hostile.onEvent = (event) =>
    event.name === 'epoch'
      ? change(event.body.epoch).map((epoch) => ({ ...event, body: { ...event.body, epoch } }))
      : [event];
}

test('the Python client uses the epoch that was stored before its own, once it has checked it', async () => {
  await using stage = await vault();
  const { name, alices, python, read } = stage;
  showEpochs(() => []);
  await alices.send('under an epoch that is not shown');
  await python.says({ event: 'message', room: name, seq: 1, verdict: 'undecryptable' });
  await python.ok('send', { room: name, text: 'under that of Alice' });
  await untilShown(read, `${python.name}: under that of Alice`);
  expect(theatre.hostile.asked.map((request) => request.name)).toContain('epoch');
  await python.says({ event: 'epoch', room: name, number: 1, fault: null });
  expect(await python.ok('epochs', { room: name })).toEqual({ numbers: [1] });
});

test('the Python client blames the server for an altered record, wrap or path, and asks for the epoch again', async () => {
  await using stage = await vault();
  const { name, alices, python, read } = stage;
  showEpochs((epoch) => [
    { ...epoch, record: changed(epoch.record) },
    { ...epoch, wrap: changed(epoch.wrap) },
    { ...epoch, path: changed(epoch.path) },
  ]);
  await alices.send('under an altered epoch');
  await python.says({ event: 'message', room: name, seq: 1, verdict: 'undecryptable' });
  for (const why of ['not signed by its committer', 'the wrap is not in the tree'])
    await python.says({ event: 'epoch', room: name, number: 1, fault: 'server', why });
  expect(await python.ok('epochs', { room: name })).toEqual({ numbers: [] });
  theatre.hostile.begin();
  await python.ok('send', { room: name, text: 'under the true one' });
  await untilShown(read, `${python.name}: under the true one`);
  expect(await python.ok('epochs', { room: name })).toEqual({ numbers: [1] });
});

test('the Python client makes an epoch that follows none when the newest one does not open', async () => {
  await using stage = await vault();
  const { name, alice, alices, python, read } = stage;
  showEpochs((epoch) => [epoch.number === 1 ? { ...epoch, path: changed(epoch.path) } : epoch]);
  await alices.send('under an epoch that is kept from it');
  await python.says({ event: 'epoch', room: name, number: 1, fault: 'server' });
  await python.ok('send', { room: name, text: 'under one of its own' });
  await untilShown(read, `${python.name}: under one of its own`);
  const repair = await new EpochBook(alice.storage.state).find(alices.id, 3);
  expect(repair).toMatchObject({ committer: python.user, keying: 2, key: expect.any(Uint8Array) });
});

test('the Python client sends no more where it is shown two epochs of one number, or a lower suite', async () => {
  await using stage = await vault();
  const { name, alice, alices, python } = stage;
  await python.ok('send', { room: name, text: 'under the first' });
  showEpochs((epoch) => [epoch, { ...epoch, number: 1 }]);
  const guest = await theatre.actor(theatre.name('Guest'), { honestly: true });
  await guest.client.join(name);
  await untilMembers(alices, [alice.storage.account.name, guest.storage.account.name, python.name]);
  await alices.send('under the second');
  await python.says({ event: 'unexplained', room: name, why: 'the server shows two epochs 1' });
  expect(await python.refusal('send', { room: name, text: 'no' })).toBe('CannotSend');

  await using other = await vault();
  theatre.hostile.onEvent = (event) =>
    event.name === 'room' ? [{ ...event, body: { ...event.body, suite: 1 } }] : [event];
  await other.alices.setRetention(7);
  const why = `${other.name} was of suite 2 and is of suite 1 now`;
  await other.python.says({ event: 'unexplained', room: other.name, why });
  expect(await other.python.refusal('send', { room: other.name, text: 'no' })).toBe('CannotSend');
});
