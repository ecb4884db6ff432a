import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recipientsHash } from '../../client/crypto/recipients.ts';
import type { Room } from '../../client/sdk/index.ts';
import { EpochBook, type KnownEpoch } from '../../client/sdk/rooms/epoch-book.ts';
import { parseFingerprint, parseUserId } from '../../src/protocol/ids.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, ratesOff } from '../support/cluster/patience.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { present } from '../support/protocol/arbitraries.ts';
import { readText, untilMembers, untilRead, untilShown } from './bundled-reader.ts';
import { PythonProcess } from './python-process.ts';

let folder: string;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-interop-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Waits until everybody's prekey of this week is there, as the Python client checks them. */
async function untilPrekeys(python: PythonProcess, room: string, names: readonly string[]): Promise<void> {
  await eventually(async () => expect(await python.ok('prekeys', { room })).toEqual({ names }), {
    deadlineMs: PATIENCE_MS,
    pauseMs: 20,
  });
}

/** What a bundled client knows of an epoch once it has seen it. */
async function epochOf({ storage }: Device, { id }: Room, number: number): Promise<KnownEpoch> {
  const book = new EpochBook(storage.state);
  return eventually(async () => present(await book.find(id, number)), { deadlineMs: PATIENCE_MS });
}

async function fingerprints(python: PythonProcess, room: string) {
  const { members } = await python.ok('roster', { room });
  if (!Array.isArray(members)) expect.unreachable('a roster has members');
  return members.map(({ user, fingerprint }) => ({
    user: present(parseUserId(user)),
    fingerprint: present(parseFingerprint(fingerprint)),
  }));
}

test('both talk in a room of suite 2, and the Python client makes its epochs as members come and are kicked', async () => {
  await using people = new People();
  const ann = await people.register('Ann', gateway.url);
  await using pia = await PythonProcess.register(gateway.url, 'Pia');
  await ann.client.create('Vault', { suite: 2 });
  await pia.ok('join', { name: 'Vault' });
  const room = await ann.client.room('Vault');
  await untilMembers(room, ['Ann', 'Pia']);
  await untilPrekeys(pia, 'Vault', ['Ann', 'Pia']);
  const read = readText(room);
  await room.send('from Ann');
  await pia.says({ event: 'message', text: 'from Ann', verdict: 'ok', from: 'Ann', missing: 0 });
  await pia.ok('send', { room: 'Vault', text: 'from Pia' });
  await untilRead(read, ['Ann: from Ann', 'Pia: from Pia']);
  const { id: annId } = await ann.client.me();
  expect(await epochOf(ann, room, 1)).toMatchObject({ committer: annId, keying: 2, plain: [] });

  const cid = await people.register('Cid', gateway.url);
  await cid.client.join('Vault');
  const cids = await cid.client.room('Vault');
  const cidRead = readText(cids);
  await pia.says({ event: 'roster', room: 'Vault', kind: 'joined', name: 'Cid' });
  await untilPrekeys(pia, 'Vault', ['Ann', 'Cid', 'Pia']);
  await pia.ok('send', { room: 'Vault', text: 'for three' });
  await untilRead(cidRead, ['Pia: for three']);
  const sides = [[ann, room] as const, [cid, cids] as const];
  for (const [device, seen] of sides)
    expect(await epochOf(device, seen, 2)).toMatchObject({
      ...{ committer: pia.user, keying: 2, plain: [], key: expect.any(Uint8Array) },
      recipients: await recipientsHash(await fingerprints(pia, 'Vault')),
    });
  await cids.send('from Cid');
  await pia.says({ event: 'message', text: 'from Cid', verdict: 'ok', missing: 0 });
  await untilRead(cidRead, ['Pia: for three', 'Cid: from Cid']);

  await room.kick('Cid');
  await pia.says({ event: 'roster', room: 'Vault', kind: 'kicked', name: 'Cid' });
  await pia.ok('send', { room: 'Vault', text: 'without Cid' });
  const lines = ['Ann: from Ann', 'Pia: from Pia', 'Pia: for three', 'Cid: from Cid', 'Pia: without Cid'];
  await untilRead(read, lines);
  const left = await fingerprints(pia, 'Vault');
  expect(left.map(({ user }) => `${user}`).sort()).toEqual([annId, pia.user].sort());
  expect(await epochOf(ann, room, 3)).toMatchObject({
    ...{ committer: pia.user, keying: 2, plain: [], key: expect.any(Uint8Array) },
    recipients: await recipientsHash(left),
  });
  await room.send('under it, too');
  await pia.says({ event: 'message', text: 'under it, too', verdict: 'ok' });
  expect(pia.messages('Vault').every(({ marks }) => JSON.stringify(marks) === '[]')).toBe(true);
  expect(cidRead).not.toContain('Pia: without Cid');
});

test('both want the first epoch of a room with a password at once, and send under the one that is stored', async () => {
  await using people = new People();
  const bob = await people.register('Bob', gateway.url);
  await using pit = await PythonProcess.register(gateway.url, 'Pit');
  await bob.client.create('Race', { suite: 2, password: 'on your marks' });
  await pit.ok('join', { name: 'Race', password: 'on your marks' });
  const room = await bob.client.room('Race');
  await untilMembers(room, ['Bob', 'Pit']);
  await untilPrekeys(pit, 'Race', ['Bob', 'Pit']);
  const read = readText(room);
  await Promise.all([room.send('one'), pit.ok('send', { room: 'Race', text: 'two' })]);
  await eventually(() => expect([...read].sort()).toEqual(['Bob: one', 'Pit: two']), {
    deadlineMs: PATIENCE_MS,
  });
  for (const text of ['one', 'two']) await pit.says({ event: 'message', text, verdict: 'ok' });
  expect(await pit.ok('epochs', { room: 'Race' })).toMatchObject({ numbers: [1] });

  await room.setPassword('get set');
  await pit.says({ event: 'room', room: 'Race', password: 2 });
  await pit.ok('join', { name: 'Race', password: 'get set' });
  await pit.ok('send', { room: 'Race', text: 'under the second' });
  await untilShown(read, 'Pit: under the second');
  expect(await epochOf(bob, room, 2)).toMatchObject({ committer: pit.user, passwordNumber: 2 });
});

test('the Python client reads what came under epochs that it missed, and goes on when a room is raised to suite 2', async () => {
  await using people = new People();
  const dan = await people.register('Dan', gateway.url);
  await using pat = await PythonProcess.register(gateway.url, 'Pat');
  await dan.client.create('Raised');
  await pat.ok('join', { name: 'Raised' });
  const room = await dan.client.room('Raised');
  await untilMembers(room, ['Dan', 'Pat']);
  await untilPrekeys(pat, 'Raised', ['Dan', 'Pat']);
  const read = readText(room);
  await room.send('in suite 1');
  await pat.says({ event: 'message', text: 'in suite 1', verdict: 'ok' });
  await room.raiseSuite(2);
  await pat.says({ event: 'room', room: 'Raised', suite: 2 });
  await pat.ok('send', { room: 'Raised', text: 'in suite 2' });
  await untilRead(read, ['Dan: in suite 1', 'Pat: in suite 2']);

  await pat.ok('disconnect');
  const eve = await people.register('Eve', gateway.url);
  await eve.client.join('Raised');
  await untilMembers(room, ['Dan', 'Eve', 'Pat']);
  await room.send('under the second');
  await room.kick('Eve');
  await room.send('under the third');
  await pat.ok('resume');
  for (const text of ['under the second', 'under the third'])
    await pat.says({ event: 'message', text, verdict: 'ok', missing: 0 });
  expect(await pat.ok('epochs', { room: 'Raised' })).toMatchObject({ numbers: [1, 2, 3] });
  await pat.ok('send', { room: 'Raised', text: 'and goes on' });
  await eventually(() => expect(read.at(-1)).toBe('Pat: and goes on'), { deadlineMs: PATIENCE_MS });
});
