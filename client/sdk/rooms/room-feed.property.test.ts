import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import { parseRoomName, parseUserName } from '../../../src/protocol/names.ts';
import { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { RoomFeed } from './room-feed.ts';

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

/** What a server does with one position: nothing is there, it is delivered so late (or never), perhaps twice. */
const position = fc.record({
  exists: fc.boolean(),
  delivered: fc.boolean(),
  delayMs: fc.integer({ min: 0, max: 600 }),
  twice: fc.boolean(),
});

test('whatever is lost, late, doubled or void, a reader gets every message once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(position, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (positions, pageSize) => {
        const clock = new ManualClock();
        const stored = positions.flatMap(({ exists }, i) => (exists ? [i + 1] : []));
        const head = positions.length;
        const fetch = (after: number) => {
          const rest = stored.filter((seq) => seq > after);
          const page = rest.slice(0, pageSize);
          const more = page.length < rest.length;
          return Promise.resolve({
            messages: page.map(at),
            through: more ? (page.at(-1) ?? after) : head,
            more,
          });
        };
        const open = (messages: readonly StoredMessage[]) =>
          Promise.resolve(
            messages.map(
              ({ seq }) =>
                ({
                  type: 'message',
                  room,
                  seq,
                  id,
                  from,
                  user,
                  at: 0,
                  status: 'ok',
                  trust: 'pinned',
                }) as const,
            ),
          );
        const feed = new RoomFeed(clock, { fetch, open }, { after: 0, head: 0 });
        const seen: number[] = [];
        const done = (async () => {
          for await (const message of feed) seen.push(message.seq);
        })();
        for (const [i, { exists, delivered, delayMs, twice }] of positions.entries()) {
          if (!exists || !delivered) continue;
          clock.schedule(delayMs, () => feed.deliver(at(i + 1)));
          if (twice) clock.schedule(delayMs + 300, () => feed.deliver(at(i + 1)));
        }
        clock.schedule(2_000, () => feed.headIs(head));
        await clock.advance(30_000);
        await feed.return();
        await done;
        expect(seen).toEqual(stored);
        expect(clock.timers).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
