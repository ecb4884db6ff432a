import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseUserId } from '../../src/protocol/ids.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { readText, untilMembers, untilRead } from './bundled-reader.ts';
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

test('a client written from PROTOCOL.md talks with the bundled one in an open room, both ways', async () => {
  await using people = new People();
  const ann = await people.register('Ann', gateway.url);
  await using pia = await PythonProcess.register(gateway.url, 'Pia');
  await pia.ok('create', { name: 'Open' });
  await ann.client.join('Open');
  const room = await ann.client.room('Open');
  const read = readText(room);

  // For each kind of padding: powers of two, then whole steps.
  const texts = ['Hello, Pia 👋', 'x'.repeat(1_000), 'y'.repeat(10_000), 'z'.repeat(16_384)];
  for (const text of texts) await room.send(text);
  for (const text of texts)
    await pia.says({ event: 'message', text, verdict: 'ok', from: 'Ann', missing: 0 });
  for (const text of ['', ...texts]) await pia.ok('send', { room: 'Open', text });
  const fromAnn = texts.map((text) => `Ann: ${text}`);
  const fromPia = texts.map((text) => `Pia: ${text}`);
  await untilRead(read, [...fromAnn, 'Pia: ', ...fromPia]);
  expect(pia.messages('Open').every(({ marks }) => JSON.stringify(marks) === '[]')).toBe(true);

  const { number } = await ann.client.safetyNumber('Pia');
  expect(await pia.ok('safety-number', { name: 'Ann' })).toEqual({ number });
  expect(await pia.ok('roster', { room: 'Open' })).toMatchObject({
    members: expect.arrayContaining([
      expect.objectContaining({ name: 'Ann', role: 'member' }),
      expect.objectContaining({ name: 'Pia', role: 'owner' }),
    ]),
  });
});

test('what either does to messages is read by the other: answers, mentions, lives, edits, retractions, reactions, removals', async () => {
  await using people = new People();
  const amy = await people.register('Amy', gateway.url);
  await using pol = await PythonProcess.register(gateway.url, 'Pol');
  await pol.ok('create', { name: 'Doings' });
  await amy.client.join('Doings');
  const room = await amy.client.room('Doings');
  await untilMembers(room, ['Amy', 'Pol']);
  const read = room.follow({ after: 'joined' });
  const { id: me } = await amy.client.me();
  const mentions = parseUserId(pol.user) ?? expect.unreachable();

  const { id: first } = await room.send('lunch?');
  const { id: second } = await room.send('at on', { re: first, mentions: [mentions] });
  await room.edit(second, 'at one', { re: first, expires: 3_600 });
  await room.react(second, '👩‍👩‍👧');
  await room.react(second, '👩‍👩‍👧', { add: false });
  await room.retract(first);
  const ok = { event: 'message', from: 'Amy', verdict: 'ok' };
  await pol.says({ ...ok, kind: 'message', text: 'lunch?', message_id: first });
  expect(await pol.says({ ...ok, kind: 'message', text: 'at on', re: first })).toMatchObject({
    ...{ message_id: second, mentions: [pol.user] },
  });
  await pol.says({ ...ok, kind: 'edit', of: second, text: 'at one', re: first, expires: 3_600 });
  await pol.says({ ...ok, kind: 'react', of: second, emoji: '👩‍👩‍👧', add: true });
  await pol.says({ ...ok, kind: 'react', of: second, emoji: '👩‍👩‍👧', add: false });
  await pol.says({ ...ok, kind: 'retract', of: first });
  await expect(room.remove(second)).rejects.toMatchObject({ code: 'forbidden' });

  const does = (kind: string, fields: object) => pol.ok('send-content', { room: 'Doings', kind, ...fields });
  await does('message', { value: 'so do I', re: second, mentions: [me], expires: 60 });
  for (let seen = 0; seen < 6; seen += 1) await read.next();
  const { value: answer } = await read.next();
  expect(answer).toMatchObject({
    ...{ type: 'message', text: 'so do I', re: second, mentions: [me], expires: 60, from: 'Pol' },
  });
  const of = answer.type === 'message' ? answer.id : expect.unreachable();
  await does('edit', { of, value: 'me too' });
  await does('react', { of: second, emoji: '🎉' });
  await does('react', { of: second, emoji: '🎉', add: false });
  await does('retract', { of });
  await does('remove', { of: second, why: 'off topic' });
  for (const action of [
    { type: 'edit', of, text: 'me too' },
    { type: 'react', of: second, emoji: '🎉', add: true },
    { type: 'react', of: second, emoji: '🎉', add: false },
    { type: 'retract', of },
    { type: 'remove', of: second, why: 'off topic', role: 'owner' },
  ])
    expect((await read.next()).value).toMatchObject({ ...action, from: 'Pol', trust: 'pinned' });
});

test('how long messages of a room stay by default, each sets for the other, in the room that it owns', async () => {
  await using people = new People();
  const lea = await people.register('Lea', gateway.url);
  await using leo = await PythonProcess.register(gateway.url, 'Leo');
  await lea.client.create('OfLea');
  const hers = await lea.client.room('OfLea');
  await hers.setLife(3_600);
  await leo.ok('join', { name: 'OfLea' });
  await leo.says({ event: 'life', seconds: 3_600 });
  await leo.ok('send', { room: 'OfLea', text: 'for an hour' });
  await hers.setLife(0);
  await leo.says({ event: 'life', seconds: 0 });
  await leo.ok('send', { room: 'OfLea', text: 'for long' });
  await leo.ok('create', { name: 'OfLeo' });
  await lea.client.join('OfLeo');
  const his = await lea.client.room('OfLeo');
  await leo.ok('set-life', { room: 'OfLeo', seconds: 60 });
  await eventually(() => expect(his.life).toBe(60));
  await his.send('for a minute');
  await leo.says({ event: 'message', text: 'for a minute', expires: 60 });
  const { messages } = await hers.history({ after: 0 });
  expect(messages).toMatchObject([{ text: 'for an hour', expires: 3_600 }, { text: 'for long' }]);
  expect(messages[1]).not.toHaveProperty('expires');
});

test('both talk in a room whose password either of them set, and a wrong password lets nobody in', async () => {
  await using people = new People();
  const bob = await people.register('Bob', gateway.url);
  await using pit = await PythonProcess.register(gateway.url, 'Pit');
  // Full-width letters and a ligature: NFKC makes plain ones of them.
  const password = 'Ｌｏｃｋ ﬁrst';
  await pit.ok('create', { name: 'OfPit', password });
  await bob.client.create('OfBob', { password });

  await expect(bob.client.join('OfPit', 'not the one')).rejects.toMatchObject({
    code: 'no_such_room_or_password',
  });
  expect(await pit.refusal('join', { name: 'OfBob', password: 'not the one' })).toBe(
    'no_such_room_or_password',
  );
  expect(await pit.refusal('join', { name: 'OfBob' })).toBe('no_such_room_or_password');

  await bob.client.join('OfPit', 'Lock first');
  await pit.ok('join', { name: 'OfBob', password: 'Lock first' });
  for (const name of ['OfPit', 'OfBob']) {
    const room = await bob.client.room(name);
    const read = readText(room);
    await room.send(`Bob in ${name}`);
    await pit.says({ event: 'message', text: `Bob in ${name}`, verdict: 'ok' });
    await pit.ok('send', { room: name, text: `Pit in ${name}` });
    await untilRead(read, [`Bob: Bob in ${name}`, `Pit: Pit in ${name}`]);
  }
});

test('a password that was changed is told, and the new one opens what comes under it', async () => {
  await using people = new People();
  const cid = await people.register('Cid', gateway.url);
  await using pam = await PythonProcess.register(gateway.url, 'Pam');
  await cid.client.create('Changing', { password: 'the first one' });
  await pam.ok('join', { name: 'Changing', password: 'the first one' });
  const room = await cid.client.room('Changing');
  await room.setPassword('the second one');
  await pam.says({ event: 'room', room: 'Changing', password: 2 });
  await room.send('under the second');
  await pam.says({ event: 'message', seq: 1, verdict: 'needs_password' });
  expect(await pam.refusal('send', { room: 'Changing', text: 'no' })).toBe('CannotSend');

  await pam.ok('join', { name: 'Changing', password: 'the second one' });
  await room.send('and read');
  await pam.says({ event: 'message', text: 'and read', verdict: 'ok' });
  await pam.ok('send', { room: 'Changing', text: 'yes' });
});

test('both say what they had seen in rooms of header layout 2, made so or raised later, and mark nothing', async () => {
  await using people = new People();
  const guy = await people.register('Guy', gateway.url);
  await using pru = await PythonProcess.register(gateway.url, 'Pru');
  await pru.ok('create', { name: 'MadeSo', header: 2 });
  await guy.client.join('MadeSo');
  await guy.client.create('Raised');
  await pru.ok('join', { name: 'Raised' });
  const raised = await guy.client.room('Raised');
  await untilMembers(raised, ['Guy', 'Pru']);
  await raised.send('before');
  await pru.says({ event: 'message', text: 'before', verdict: 'ok' });
  await raised.raiseHeader(2);
  for (const name of ['MadeSo', 'Raised']) {
    const room = await guy.client.room(name);
    const read = readText(room);
    for (let round = 1; round <= 3; round += 1) {
      await room.send(`Guy ${round} in ${name}`);
      await pru.says({ event: 'message', text: `Guy ${round} in ${name}`, verdict: 'ok' });
      await pru.ok('send', { room: name, text: `Pru ${round} in ${name}` });
      await eventually(() => expect(read.at(-1)).toBe(`Pru: Pru ${round} in ${name}`), {
        deadlineMs: PATIENCE_MS,
      });
    }
    expect(pru.messages(name).every(({ marks }) => JSON.stringify(marks) === '[]')).toBe(true);
  }
});

test('what was said while the Python client was away comes from history, from its joining on', async () => {
  await using people = new People();
  const dan = await people.register('Dan', gateway.url);
  await using pat = await PythonProcess.register(gateway.url, 'Pat');
  await dan.client.create('Later');
  const room = await dan.client.room('Later');
  await room.send('before Pat');
  await pat.ok('join', { name: 'Later' });
  await untilMembers(room, ['Dan', 'Pat']);
  await room.send('while there');
  await pat.says({ event: 'message', text: 'while there', verdict: 'ok' });
  await pat.ok('disconnect');
  const count = 120;
  for (let i = 1; i <= count; i += 1) await room.send(`while away ${i}`);
  await pat.ok('resume');
  await pat.says({ event: 'caught-up', room: 'Later', last: count + 2 });
  const texts = ['while there', ...Array.from({ length: count }, (_, i) => `while away ${i + 1}`)];
  expect(pat.messages('Later').map(({ text }) => text)).toEqual(texts);
});

test('new keys of the other are accepted when the old ones signed them, and both go on', async () => {
  await using people = new People();
  const eve = await people.register('Eve', gateway.url);
  await using pen = await PythonProcess.register(gateway.url, 'Pen');
  await eve.client.create('Rotating');
  await pen.ok('join', { name: 'Rotating' });
  const before = await pen.ok('safety-number', { name: 'Eve' });
  await eve.client.rotate();
  const room = await eve.client.room('Rotating');
  const read = readText(room);
  await room.send('by new keys');
  await pen.says({ event: 'new-keys', name: 'Eve' });
  await pen.says({ event: 'message', text: 'by new keys', verdict: 'ok' });
  await pen.says({ event: 'roster', kind: 'identity', name: 'Eve' });
  await pen.ok('send', { room: 'Rotating', text: 'to new keys' });
  await untilRead(read, ['Eve: by new keys', 'Pen: to new keys']);
  const after = await pen.ok('safety-number', { name: 'Eve' });
  expect(after).toEqual({ number: (await eve.client.safetyNumber('Pen')).number });
  expect(after).not.toEqual(before);
});

test('the Python client leaves, is put out, and hears why', async () => {
  await using people = new People();
  const fay = await people.register('Fay', gateway.url);
  await using pip = await PythonProcess.register(gateway.url, 'Pip');
  await fay.client.create('Guests');
  const room = await fay.client.room('Guests');
  await pip.ok('join', { name: 'Guests' });
  await untilMembers(room, ['Fay', 'Pip']);
  await pip.ok('leave', { room: 'Guests' });
  await untilMembers(room, ['Fay']);
  await room.send('nobody else reads this');
  await pip.ok('join', { name: 'Guests' });
  await untilMembers(room, ['Fay', 'Pip']);
  await room.send('back again');
  await pip.says({ event: 'message', text: 'back again', verdict: 'ok' });
  expect(pip.messages('Guests')).toHaveLength(1);
  await room.kick('Pip');
  await pip.says({ event: 'gone', room: 'Guests', reason: 'kicked' });
  expect(await pip.refusal('send', { room: 'Guests', text: 'still here?' })).toBe('ValueError');
});
