import { decode } from '@msgpack/msgpack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import type { StoredMessage } from '../../src/protocol/message-requests.ts';
import type { ReplyBody } from '../../src/protocol/requests.ts';
import { type Actor, read, shown, Theatre } from '../support/hostile/theatre.ts';
import { changed, present } from './people.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

interface Scene {
  readonly alice: Room;
  readonly bob: Actor;
  readonly room: string;
}

/** Alice, honestly connected, and Bob behind the hostile server, in one room. */
async function scene(options: { readonly onDisk?: boolean } = {}): Promise<Scene> {
  const name = theatre.name('Bob');
  const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
  const bob = await (options.onDisk === true ? theatre.actorOnDisk(name) : theatre.actor(name));
  const room = theatre.name('Lobby');
  await alice.client.create(room);
  await bob.client.join(room);
  return { alice: await alice.client.room(room), bob, room };
}

async function say(room: Room, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await room.send(text);
}

/** Bob's next history pages come from this instead. */
function rewriteHistory(rewrite: (messages: readonly StoredMessage[]) => readonly StoredMessage[]): void {
  theatre.hostile.reply(
    'history',
    (reply): ReplyBody<'history'> => ({ ...reply, messages: [...rewrite(reply.messages)] }),
  );
}

function rewriteOne(text: number, rewrite: (message: StoredMessage) => StoredMessage): void {
  rewriteHistory((messages) =>
    messages.map((message) => (message.seq === text ? rewrite(message) : message)),
  );
}

describe('a server that alters messages', () => {
  const headerField = (index: number, value: unknown) => (message: StoredMessage) => {
    const fields = decode(message.header);
    if (!Array.isArray(fields)) throw new TypeError('a header is an array');
    fields[index] = value;
    return { ...message, header: encode(fields) };
  };

  it.each<[string, (message: StoredMessage) => StoredMessage, string]>([
    [
      'ciphertext',
      (message) => ({ ...message, ciphertext: changed(message.ciphertext) }),
      'altered: it was changed on the way',
    ],
    [
      'header',
      (message) => ({ ...message, header: changed(message.header) }),
      'undecryptable: it was not encrypted for any of your keys',
    ],
    [
      'header into no header',
      (message) => ({ ...message, header: new Uint8Array(3) }),
      'altered: its header is damaged',
    ],
    [
      'wrap',
      (message) => ({ ...message, wrap: changed(message.wrap) }),
      'undecryptable: it was not encrypted for any of your keys',
    ],
    [
      'wrap into none',
      (message) => ({ ...message, wrap: new Uint8Array(0) }),
      'undecryptable: it was not encrypted for any of your keys',
    ],
    [
      'layout',
      headerField(0, 4),
      'undecryptable: it has a form that this client does not know: update the client',
    ],
    ['layout, to one that it does not have,', headerField(0, 2), 'altered: its header is damaged'],
    [
      'suite',
      headerField(1, 0),
      'undecryptable: it is encrypted in a way that this client does not know: update the client',
    ],
    ['time of sending', headerField(12, 1), 'undecryptable: it was not encrypted for any of your keys'],
  ])('in its %s shows the reason on that message, and the others as they are', async (_, rewrite, reason) => {
    const { alice, bob, room } = await scene();
    await say(alice, 'one', 'two', 'three');
    rewriteOne(2, rewrite);
    const shownNow = await read(await bob.client.room(room));
    expect(shownNow).toEqual(['one', reason, 'gap 1', 'three']);
  });

  it('live, too', async () => {
    const { alice, bob, room } = await scene();
    const bobs = await bob.client.room(room);
    theatre.hostile.onEvent = (event) =>
      event.name === 'deliver' && event.body.message.seq === 1
        ? [
            {
              ...event,
              body: {
                ...event.body,
                message: { ...event.body.message, ciphertext: changed(event.body.message.ciphertext) },
              },
            },
          ]
        : [event];
    const live = bobs.follow({ after: 'joined' });
    await say(alice, 'one', 'two');
    expect(shown((await live.next()).value)).toBe('altered: it was changed on the way');
    expect(shown((await live.next()).value)).toBe('two');
    await live.return?.();
  });

  it('in the name of the sender is found out', async () => {
    const { alice, bob, room } = await scene();
    await say(alice, 'hello');
    const { id } = await bob.client.me();
    rewriteOne(1, (message) => ({ ...message, from: id }));
    expect(await read(await bob.client.room(room))).toEqual([
      'forged: it names another sender than the server does',
    ]);
  });

  it('in its time by more than a day marks it, in either direction, and breaks nothing', async () => {
    const { alice, bob, room } = await scene();
    await say(alice, 'past', 'future', 'beyond all dates', 'now');
    const times = [-2 * DAY_MS, 2 * DAY_MS];
    rewriteHistory((messages) =>
      messages.map((message) => ({
        ...message,
        at: message.seq === 3 ? Number.MAX_SAFE_INTEGER : message.at + (times[message.seq - 1] ?? 0),
      })),
    );
    expect(await read(await bob.client.room(room))).toEqual([
      'past [late]',
      'future [late]',
      'beyond all dates [late]',
      'now',
    ]);
  });
});

describe('a server that moves messages', () => {
  it('cannot open one with the wrap of another', async () => {
    const { alice, bob, room } = await scene();
    await say(alice, 'one', 'two');
    rewriteHistory(([first, second]) => [present(first), { ...present(second), wrap: present(first).wrap }]);
    expect(await read(await bob.client.room(room))).toEqual([
      'one',
      'undecryptable: it was not encrypted for any of your keys',
    ]);
  });

  it('cannot bring one of another room', async () => {
    const { alice, bob, room } = await scene();
    const other = await scene();
    await other.bob.client.close();
    const elsewhere = theatre.name('Elsewhere');
    await bob.client.create(elsewhere);
    const bobs = await bob.client.room(elsewhere);
    await say(bobs, 'said elsewhere');
    await say(alice, 'said here');
    let foreign: StoredMessage | undefined;
    theatre.hostile.reply('history', (reply) => {
      foreign ??= reply.messages[0];
      return reply;
    });
    expect(await read(bobs)).toEqual(['said elsewhere']);
    rewriteHistory((messages) => messages.map(({ seq }) => ({ ...present(foreign), seq })));
    expect(await read(await bob.client.room(room))).toEqual(['forged: it was written for another room']);
  });

  it('cannot replay one, now or after a restart of the client', async () => {
    const { alice, bob, room } = await scene({ onDisk: true });
    await say(alice, 'pay ten', 'and this');
    let stored: readonly StoredMessage[] = [];
    theatre.hostile.reply('history', (reply) => {
      stored = reply.messages;
      return reply;
    });
    expect(await read(await bob.client.room(room))).toEqual(['pay ten', 'and this']);
    await say(alice, 'third', 'fourth');
    const replay = (seq: number) => ({ ...present(stored[0]), seq });
    const replayed = 'replayed: it was seen before, in another place or form';
    rewriteOne(3, ({ seq }) => replay(seq));
    const now = await bob.client.room(room);
    now.close();
    expect(await read(await bob.client.room(room))).toEqual([
      'pay ten',
      'and this',
      replayed,
      'gap 1',
      'fourth',
    ]);
    const later = await theatre.restartFromDisk(bob);
    expect(await read(await later.client.room(room))).toEqual([
      'pay ten',
      'and this',
      replayed,
      'gap 1',
      'fourth',
    ]);
    rewriteOne(4, ({ seq }) => replay(seq));
    const again = await theatre.restartFromDisk(later);
    expect(await read(await again.client.room(room))).toEqual(['pay ten', 'and this', 'third', replayed]);
  });

  it('cannot deliver one twice', async () => {
    const { alice, bob, room } = await scene();
    theatre.hostile.onEvent = (event) => [event, event];
    const live = (await bob.client.room(room)).follow({ after: 'joined' });
    await say(alice, 'one', 'two');
    expect(shown((await live.next()).value)).toBe('one');
    expect(shown((await live.next()).value)).toBe('two');
    await say(alice, 'three');
    expect(shown((await live.next()).value)).toBe('three');
    await live.return?.();
  });

  it('cannot put two of one sender in another order', async () => {
    const { alice, bob, room } = await scene();
    await say(alice, 'yes', 'no', 'maybe');
    rewriteHistory(([yes, no, maybe]) => [
      { ...present(no), seq: 1 },
      { ...present(yes), seq: 2 },
      present(maybe),
    ]);
    expect(await read(await bob.client.room(room))).toEqual([
      'no',
      "replayed: its sender's order and the order of the room contradict each other",
      'maybe',
    ]);
  });
});

describe('a server that leaves messages out', () => {
  it('shows how many when something later comes', async () => {
    const { alice, bob, room } = await scene();
    await say(alice, 'one', 'two', 'three', 'four');
    rewriteHistory((messages) => messages.filter(({ seq }) => seq === 1 || seq === 4));
    expect(await read(await bob.client.room(room))).toEqual(['one', 'gap 2', 'four']);
  });

  it('shows how many live, too, and after a restart', async () => {
    const { alice, bob, room } = await scene({ onDisk: true });
    await say(alice, 'one');
    expect(await read(await bob.client.room(room))).toEqual(['one']);
    const again = await theatre.restartFromDisk(bob);
    const live = (await again.client.room(room)).follow({ after: 'now' });
    theatre.hostile.onEvent = (event) =>
      event.name === 'deliver' && event.body.message.seq < 4 ? [] : [event];
    rewriteHistory((messages) => messages.filter(({ seq }) => seq === 4));
    const next = live.next();
    await say(alice, 'two', 'three', 'four');
    expect([shown((await next).value), shown((await live.next()).value)]).toEqual(['gap 2', 'four']);
    await live.return?.();
  });

  it('cannot pass a state from a backup off as the present: what was said since is counted', async () => {
    const { alice, bob, room } = await scene({ onDisk: true });
    await say(alice, 'one', 'two');
    expect(await read(await bob.client.room(room))).toEqual(['one', 'two']);
    // Restored from before 'two': the position is given again, to what Alice says next.
    await say(alice, 'three');
    rewriteHistory(([one, , three]) => [present(one), { ...present(three), seq: 2 }]);
    const again = await theatre.restartFromDisk(bob);
    expect(await read(await again.client.room(room))).toEqual([
      'one',
      'replayed: another message of its sender was seen at this position',
    ]);
  });
});
