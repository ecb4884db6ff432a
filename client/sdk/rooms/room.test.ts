import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/protocol/bytes.ts';
import type { ServerEvent } from '../../../src/protocol/client-codec.ts';
import { refuse } from '../../../src/protocol/error-reply.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { changed, flipped, showHistory } from '../../../test/support/hostile/show-history.ts';
import { headerOf, LiveFixture, lobby, nextChange, taken } from '../../../test/support/sdk/live-fixture.ts';
import type { RoomMessage } from '../index.ts';

const bytesOf = ({ header, ciphertext, wraps }: RequestBody<'send'>): string =>
  [header, ciphertext, wraps].map(toHex).join();

describe('sending', () => {
  test('repeats byte for byte what was not acknowledged, and the message exists once', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bobs } = await lobby(fixture);
    const messages = bobs.follow({ after: 'now' });
    const outcomes = ['work-then-cut', 'cut', undefined] as const;
    let tries = 0;
    server.intercept = ({ name }) => (name === 'send' ? outcomes[tries++] : undefined);
    const sent = await Promise.all([adas.send('one'), adas.send('two')]);
    const [one, two] = sent.map(({ seq }) => seq);
    expect(one).toBe(1);
    // The gateway may have given a position to the repetition before it found out.
    expect(two).toBeGreaterThan(1);
    expect(new Set(server.bodies('send').slice(0, 3).map(bytesOf)).size).toBe(1);
    expect(await taken(messages, 2)).toEqual(['one', 'two']);
    expect((await bobs.history({ after: 0 })).messages).toHaveLength(2);
  });

  test('raises the head to what was sent, so that its sender finds it before it is delivered', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas } = await lobby(fixture);
    server.onEvent = (event) => (event.name === 'deliver' ? [] : [event]);
    const { seq } = await adas.send('mine');
    expect(adas.head).toBe(seq);
    expect(await taken(adas.follow({ after: 'joined', live: false }), 99)).toEqual(['mine']);
  });

  test('tells the id of a message before it is sent, and none when it refuses', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs } = await lobby(fixture);
    const ids: string[] = [];
    const messages = bobs.follow({ after: 'now' });
    const sending = adas.send('one', { onQueued: (id) => ids.push(id) });
    expect(ids).toHaveLength(1);
    expect((await sending).id).toBe(ids[0]);
    expect((await messages.next()).value).toMatchObject({ id: ids[0], text: 'one' });
    await expect(adas.send('', { onQueued: (id) => ids.push(id) })).rejects.toMatchObject({ code: 'usage' });
    expect(ids).toHaveLength(1);
  });

  test('waits and sends the same bytes again while the server is busy', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas } = await lobby(fixture);
    const refusals = [
      refuse('unavailable', { retryAfterMs: 50 }),
      refuse('conflict'),
      refuse('rate_limited', { retryAfterMs: 50 }),
    ];
    server.intercept = ({ name }) => (name === 'send' ? refusals.shift() : undefined);
    await adas.send('one');
    expect(server.bodies('send')).toHaveLength(4);
    expect(new Set(server.bodies('send').map(bytesOf)).size).toBe(1);
  });

  test('prepares a message again for a changed roster: same id and number, new content key', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bob } = await lobby(fixture);
    await adas.send('before');
    // Nobody is told: the sender finds out by the refusal.
    server.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
    await bob.leave('Lobby');
    await adas.send('after');
    const [, stale, fresh] = server.bodies('send').map(({ header }) => headerOf(header));
    expect(fresh?.messageId).toBe(stale?.messageId);
    expect([stale?.number, fresh?.number]).toEqual([1, 1]);
    expect(fresh?.chain).toBe(stale?.chain);
    expect(toHex(fresh?.previousHash ?? expect.unreachable())).toBe(
      toHex(stale?.previousHash ?? expect.unreachable()),
    );
    expect(fresh?.commitment).not.toEqual(stale?.commitment);
    expect(server.bodies('send').map(({ wraps }) => wraps.length)).toEqual([512, 512, 256]);
  });

  test('asks the server again, before it accuses it, when another process of the profile knows of more', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs } = await lobby(fixture);
    await (await fixture.user('Carol')).join('Lobby');
    const second = await fixture.client(ada.storage);
    await second.connect();
    const seconds = await second.room('Lobby');
    await expect.poll(async () => (await seconds.members()).length).toBe(3);
    await seconds.send('to three');
    fixture.server.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
    await bob.leave('Lobby');
    // The server says that the members are others, and Ada's first process looks.
    await adas.send('to two');
    await seconds.send('to these two, too');
    const { messages } = await adas.history({ after: 0 });
    expect(messages.map((message) => message.type === 'message' && message.text)).toEqual([
      ...['to three', 'to two', 'to these two, too'],
    ]);
    bobs.close();
  });

  test('uses the number of a message that was given up for the next', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bobs } = await lobby(fixture);
    const messages = bobs.follow({ after: 'now' });
    await adas.send('one');
    const refusals = [refuse('too_large')];
    server.intercept = ({ name }) => (name === 'send' ? refusals.shift() : undefined);
    await expect(adas.send('refused')).rejects.toMatchObject({ code: 'too_large' });
    await adas.send('two');
    expect(server.bodies('send').map(({ header }) => headerOf(header).number)).toEqual([0, 1, 1]);
    expect(await taken(messages, 2)).toEqual(['one', 'two']);
  });
});

describe('reading', () => {
  test('fills from history what was never delivered, in order and once', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs } = await lobby(fixture);
    const messages = bobs.follow({ after: 'now' });
    fixture.server.onEvent = (event) =>
      event.name === 'deliver' && [1, 3, 4].includes(event.body.message.seq) ? [] : [event];
    for (const text of ['1', '2', '3', '4', '5']) await adas.send(text);
    expect(await taken(messages, 5)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('fetches what a resync names, without any delivery', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bobs } = await lobby(fixture);
    const messages = bobs.follow({ after: 'now' });
    server.onEvent = (event) => (event.name === 'deliver' ? [] : [event]);
    await adas.send('unheard');
    const entered = server.count('enter');
    server.tell({ name: 'resync', body: { room: bobs.id, head: 1 } });
    expect(await taken(messages, 1)).toEqual(['unheard']);
    await expect.poll(() => server.count('enter')).toBe(entered + 2);
  });

  test('asks no more than a little of a server that sends resyncs, changes and positions without end', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bob, bobs } = await lobby(fixture);
    const changes: ServerEvent[] = [];
    server.onEvent = (event) => {
      changes.push(event);
      return [event];
    };
    await adas.grant('Bob');
    await adas.setHidden(true);
    await expect
      .poll(() => changes.map(({ name }) => name))
      .toEqual(expect.arrayContaining(['roster', 'room']));
    server.honest();
    const { id: room } = bobs;
    const messages = bobs.follow({ after: 'now' });
    const reading = messages.next();
    const asked = (): number => server.asked.length - server.count('ping');
    const before = asked();
    for (let round = 1; round <= 200; round += 1) {
      for (let i = 0; i < 10; i += 1) {
        const version = 1_000 + 20 * round + 2 * i;
        server.tell({ name: 'resync', body: { room, head: version } });
        for (const event of changes)
          if (event.name === 'roster') server.tell({ ...event, body: { ...event.body, version } });
          else if (event.name === 'room')
            server.tell({ ...event, body: { ...event.body, version: version + 1 } });
      }
      await bob.ping();
    }
    expect(asked() - before).toBeLessThan(100);
    await messages.return?.();
    await reading;
  });

  test('gives history forwards and backwards in pages, and ends where it has caught up', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs } = await lobby(fixture);
    for (let i = 1; i <= 5; i += 1) await adas.send(`${i}`);
    const texts = ({ messages }: { readonly messages: readonly RoomMessage[] }): unknown[] =>
      messages.map((message) => message.type === 'message' && message.text);
    const last = await bobs.history({ before: 6, limit: 2 });
    expect([texts(last), last.more]).toEqual([['4', '5'], true]);
    expect(texts(await bobs.history({ before: last.through }))).toEqual(['1', '2', '3']);
    expect(texts(await bobs.history({ after: 3 }))).toEqual(['4', '5']);
    expect(await taken(bobs.follow({ after: 'joined', live: false }), 99)).toEqual(['1', '2', '3', '4', '5']);
    await expect(bobs.history({})).rejects.toMatchObject({ code: 'usage' });
  });

  test('names messages of a sender that are missing, and marks one that was altered', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bobs } = await lobby(fixture);
    for (const text of ['1', '2', '3', '4']) await adas.send(text);
    await expect.poll(() => bobs.head).toBe(4);
    const alter = changed(3, ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) }));
    showHistory(server, (messages) => alter(messages).filter(({ seq }) => seq !== 2));
    expect(await taken(bobs.follow({ after: 'joined', live: false }), 99)).toEqual([
      '1',
      'gap 1',
      '3',
      'altered: it was changed on the way',
    ]);
  });

  test('tells who joins and leaves, and reads what those who left have sent', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs } = await lobby(fixture);
    const changes = bobs.changes();
    await adas.send('farewell');
    await adas.handOver('Bob');
    for (const user of ['Bob', 'Ada'])
      expect(await nextChange(changes)).toMatchObject({ type: 'member-role', user });
    await ada.leave('Lobby');
    expect(await nextChange(changes)).toMatchObject({ type: 'member-left', user: 'Ada' });
    const eve = await fixture.user('Eve');
    await eve.join('Lobby');
    expect(await nextChange(changes)).toMatchObject({ type: 'member-joined', user: 'Eve' });
    expect((await bobs.members()).map(({ user }) => user)).toEqual(['Bob', 'Eve']);
    await bob.close();
    const again = await fixture.client(bob.storage);
    await again.connect();
    const [message] = (await (await again.room('Lobby')).history({ after: 0 })).messages;
    expect(message).toMatchObject({ from: 'Ada', status: 'ok', text: 'farewell' });
    expect(message).not.toHaveProperty('marks');
  });

  test('ends when the room is gone', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs } = await lobby(fixture);
    const [messages, changes] = [bobs.follow({ after: 'now' }), bobs.changes()];
    await adas.kick('Bob');
    expect(await nextChange(changes)).toMatchObject({ type: 'room-gone', reason: 'kicked' });
    expect(await nextChange(changes)).toBeUndefined();
    expect((await messages.next()).done).toBe(true);
    await expect(bobs.send('x')).rejects.toMatchObject({ code: 'not_a_member' });
  });

  test('keeps the furthest read position', async () => {
    await using fixture = await LiveFixture.start();
    const { bobs } = await lobby(fixture);
    await bobs.markRead(7);
    await bobs.markRead(3);
    expect(await bobs.readPosition()).toBe(7);
  });
});
