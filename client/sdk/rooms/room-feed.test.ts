import { describe, expect, test } from 'vitest';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import { parseRoomName, parseUserName } from '../../../src/protocol/names.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { ManualClock, settled } from '../../../test/support/sdk/manual-clock.ts';
import type { RoomMessage } from './room-events.ts';
import { FEED_HELD_MAX, RoomFeed } from './room-feed.ts';

const user = parseUserId('11'.repeat(16)) ?? expect.unreachable();
const id = parseMessageId('22'.repeat(16)) ?? expect.unreachable();
const room = parseRoomName('Lobby') ?? expect.unreachable();
const from = parseUserName('Ada') ?? expect.unreachable();
const nothing = new Uint8Array(0);

const at = (seq: number): StoredMessage => ({
  seq,
  at: 0,
  from: user,
  header: nothing,
  ciphertext: nothing,
  wrap: nothing,
});

/** A room whose history holds `stored`, and a reader that writes down what it gets. */
function reading(options: {
  after: number;
  head?: number;
  until?: number;
  stored?: number[];
  through?: number;
  pageSize?: number;
  shown?: (feed: RoomFeed) => void;
}) {
  const clock = new ManualClock();
  const stored = new Set(options.stored ?? []);
  const asked: number[] = [];
  const state = { through: options.through ?? 0 };
  const fetch = (after: number): Promise<ReplyBody<'history'>> => {
    asked.push(after);
    const rest = [...stored].filter((seq) => seq > after).sort((a, b) => a - b);
    const page = rest.slice(0, options.pageSize ?? 100);
    const more = page.length < rest.length;
    const through = more ? (page.at(-1) ?? after) : Math.max(state.through, page.at(-1) ?? 0, after);
    return Promise.resolve({ messages: page.map(at), through, more });
  };
  const together: number[] = [];
  const open = (messages: readonly StoredMessage[]): Promise<readonly RoomMessage[]> => {
    together.push(messages.length);
    return Promise.resolve(
      messages.map(({ seq }) => ({
        ...{ type: 'message', room, seq, id, from, user, at: 0 },
        ...{ status: 'ok', trust: 'pinned', text: '' },
      })),
    );
  };
  const feed = new RoomFeed(
    clock,
    { fetch, open },
    {
      after: options.after,
      head: options.head ?? options.after,
      ...(options.until === undefined ? {} : { until: options.until }),
    },
  );
  const seen: number[] = [];
  const done = (async () => {
    for await (const message of feed) {
      seen.push(message.seq);
      options.shown?.(feed);
    }
  })();
  return { clock, feed, seen, asked, together, stored, state, done };
}

describe('the feed of a room', () => {
  test('passes contiguous deliveries on at once, without asking history', async () => {
    const { feed, seen, asked } = reading({ after: 4 });
    for (const seq of [5, 6, 7]) feed.deliver(at(seq));
    await settled();
    expect(seen).toEqual([5, 6, 7]);
    expect(asked).toEqual([]);
    feed.end();
  });

  test('holds what came too early, and puts it in order', async () => {
    const { clock, feed, seen, asked } = reading({ after: 0 });
    feed.deliver(at(2));
    await clock.advance(249);
    expect(seen).toEqual([]);
    feed.deliver(at(1));
    await settled();
    expect(seen).toEqual([1, 2]);
    await clock.advance(1000);
    expect(asked).toEqual([]);
    feed.end();
  });

  test('asks history for what is still missing after 250 ms', async () => {
    const { clock, feed, seen, asked } = reading({ after: 0, stored: [1, 2, 3] });
    feed.deliver(at(3));
    await clock.advance(250);
    expect(asked).toEqual([0]);
    expect(seen).toEqual([1, 2, 3]);
    feed.end();
  });

  test('passes positions that do not exist only when history speaks for them', async () => {
    const { clock, feed, seen, state } = reading({ after: 0 });
    feed.deliver(at(3));
    await clock.advance(250);
    expect(seen).toEqual([]);
    state.through = 3;
    await clock.advance(500);
    expect(seen).toEqual([3]);
    feed.deliver(at(4));
    await settled();
    expect(seen).toEqual([3, 4]);
    feed.end();
  });

  test('asks less and less often while history does not move', async () => {
    const { clock, feed, asked } = reading({ after: 0 });
    feed.deliver(at(9));
    await clock.advance(60_000);
    expect(asked.length).toBeLessThan(20);
    expect(asked.length).toBeGreaterThan(10);
    feed.end();
  });

  test('asks no more often when the server tells of ever higher positions, and at once again after a delivery', async () => {
    const { clock, feed, asked, seen } = reading({ after: 0 });
    for (let head = 1; head <= 1_200; head += 1) {
      feed.headIs(1_000 + head);
      await clock.advance(50);
    }
    expect(asked.length).toBeLessThan(25);
    feed.deliver(at(1));
    await clock.advance(0);
    expect(seen).toEqual([1]);
    const before = asked.length;
    feed.headIs(3_000);
    await clock.advance(0);
    expect(asked.length).toBe(before + 1);
    feed.end();
  });

  test('shows nothing twice, whatever comes again', async () => {
    const { clock, feed, seen } = reading({ after: 0, head: 3, stored: [1, 2, 3] });
    await settled();
    for (const seq of [1, 3, 2, 4, 4, 3]) feed.deliver(at(seq));
    feed.headIs(4);
    await clock.advance(10_000);
    expect(seen).toEqual([1, 2, 3, 4]);
    feed.end();
  });

  test('catches up page by page before what is live', async () => {
    const stored = Array.from({ length: 25 }, (_, i) => i + 1);
    const { feed, seen, asked } = reading({ after: 0, head: 25, stored, pageSize: 10 });
    feed.deliver(at(26));
    await settled();
    expect(seen).toEqual([...stored, 26]);
    expect(asked).toEqual([0, 10, 20]);
    feed.end();
  });

  test('asks at once when the server names a later head', async () => {
    const { feed, seen, stored } = reading({ after: 0 });
    stored.add(1);
    feed.headIs(1);
    await settled();
    expect(seen).toEqual([1]);
    feed.end();
  });

  test('ends where it was told to, once it has passed there', async () => {
    const { seen, done, clock } = reading({ after: 0, head: 3, until: 3, stored: [1, 2], through: 3 });
    await done;
    expect(seen).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });

  test('holds no more than its cap and finds the rest in history', async () => {
    const { clock, feed, seen, stored } = reading({ after: 0 });
    const count = FEED_HELD_MAX + 50;
    for (let seq = count; seq >= 2; seq -= 1) feed.deliver(at(seq));
    for (let seq = 1; seq <= count; seq += 1) stored.add(seq);
    await clock.advance(5000);
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    feed.end();
  });

  test('opens together what waits, but not so much that the first has to wait for all', async () => {
    const { feed, seen, together } = reading({ after: 0 });
    for (let seq = 2; seq <= 101; seq += 1) feed.deliver(at(seq));
    await settled();
    expect(together).toEqual([]);
    feed.deliver(at(1));
    await settled();
    expect(together).toEqual([64, 37]);
    expect(seen).toHaveLength(101);
    feed.end();
  });

  test('follows positions that begin again lower down while it shows what was opened together', async () => {
    let begunAgain = false;
    const shown = (by: RoomFeed): void => {
      if (!begunAgain) by.headIs(20, true);
      begunAgain = true;
    };
    const { feed, seen } = reading({ after: 500, shown });
    for (const seq of [501, 502]) feed.deliver(at(seq));
    await settled();
    feed.deliver(at(21));
    await settled();
    expect(seen).toEqual([501, 502, 21]);
    feed.end();
  });

  test('shows nothing more once it has ended, in the midst of what was opened together', async () => {
    const { feed, seen, done, together } = reading({ after: 0, shown: (by) => by.end() });
    for (const seq of [1, 2, 3]) feed.deliver(at(seq));
    await done;
    expect(together).toEqual([3]);
    expect(seen).toEqual([1]);
  });

  test('follows positions that began again lower down', async () => {
    const { feed, seen } = reading({ after: 500 });
    feed.headIs(20, true);
    feed.deliver(at(21));
    await settled();
    expect(seen).toEqual([21]);
    feed.end();
  });

  test('can be left while it waits, and leaves no timer behind', async () => {
    const { clock, feed, done } = reading({ after: 0 });
    feed.deliver(at(2));
    await settled();
    expect(clock.timers).toBe(1);
    await feed.return();
    await done;
    expect(clock.timers).toBe(0);
  });
});
