import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageOf, roomIdOf, userIdOf } from '../../../test/support/chat/sample-model.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { DisappearingMessages } from './disappearing-messages.ts';

const room = roomIdOf(1);
const LIVES = [5, 60, 3_600] as const;
const placeOf = (seq: number) => ({ room, seq, user: userIdOf(1), id: messageOf(seq, '').id });

/** Time that a test moves; nothing runs by itself. */
class Time {
  running = 0;
  wall = 1_800_000_000_000;
  now = (): number => this.running;
  wallTime = (): number => this.wall;
  random = (): number => 0;
  schedule = (): (() => void) => () => undefined;
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 4_000_000 }) }),
  /** The machine sleeps, or nobody runs the client. */
  fc.record({ kind: fc.constantFrom('sleep' as const), ms: fc.integer({ min: 0, max: 4_000_000 }) }),
  fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -10_000_000, max: 10_000_000 }) }),
  fc.record({ kind: fc.constant('restart' as const), ms: fc.constant(0) }),
  fc.record({ kind: fc.constant('show' as const), ms: fc.nat(LIVES.length - 1) }),
);

test('what was shown stays for no longer than it may, however clocks are set and processes come and go, and never comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const time = new Time();
      const state = new MemoryState();
      const opened = {
        erase: async () => undefined,
        flush: async () => undefined,
        forget: async () => undefined,
      };
      const start = () => new DisappearingMessages({ state, opened, clock: time });
      let messages = start();
      let isClockSet = false;
      const shownAt = new Map<number, number>();
      const over = new Set<number>();
      let passed = 0;
      // A clock that goes back by a millisecond is not told from one that counts in them.
      let unseen = 0;
      for (const { kind, ms } of steps) {
        if (kind === 'pass') {
          time.running += ms;
          time.wall += ms;
          passed += ms;
        } else if (kind === 'sleep') {
          time.wall += ms;
          passed += ms;
        } else if (kind === 'set') {
          // A running client has looked at its clock: what nobody saw pass before it was set back is lost.
          await messages.restOf(placeOf(0), { type: 'message', text: 'x', expires: 5 }, { reread: true });
          time.wall = Math.max(0, time.wall + ms);
          isClockSet = true;
          if (ms < 0) unseen += 1;
        } else if (kind === 'restart') {
          await messages.close();
          messages = start();
          await messages.watch(room, () => undefined, new AbortController().signal);
        } else {
          await messages.shown([{ ...placeOf(ms), expires: LIVES[ms] ?? 5 }]);
          if (!shownAt.has(ms)) shownAt.set(ms, passed);
        }
        for (const [seq, at] of shownAt) {
          const expires = LIVES[seq] ?? 5;
          const content = { type: 'message', text: 'hello', expires } as const;
          const isOver = (await messages.restOf(placeOf(seq), content, { reread: true })) !== undefined;
          if (passed - at >= expires * 1_000 + unseen || over.has(seq)) expect(isOver).toBe(true);
          else if (!isClockSet) expect(isOver).toBe(false);
          if (isOver) over.add(seq);
        }
      }
    }),
  );
});
