import { describe, expect, test, vi } from 'vitest';
import { messageOf, roomIdOf, userIdOf } from '../../../test/support/chat/sample-model.ts';
import { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { type Disappeared, DisappearingMessages, type Expiring } from './disappearing-messages.ts';
import { TIMERS_KEPT_MAX } from './timer-book.ts';

/** A wall clock that people set. */
class SetClock extends ManualClock {
  setBy = 0;

  override wallTime(): number {
    return super.wallTime() + this.setBy;
  }
}

const room = roomIdOf(1);
const placeOf = (seq: number) => ({ room, seq, user: userIdOf(1), id: messageOf(seq, '').id });
const expiring = (seq: number, expires: number | undefined, of?: number): Expiring => ({
  ...placeOf(seq),
  expires,
  of: of === undefined ? undefined : placeOf(of).id,
});

/** One process after the other, with the same profile. */
class Profile {
  readonly clock = new SetClock();
  readonly state = new MemoryState();
  readonly erased: number[] = [];
  readonly gone: Disappeared[] = [];
  readonly opened = {
    erase: async ({ seq }: { readonly seq: number }) => void this.erased.push(seq),
    flush: async () => undefined,
    forget: vi.fn(async () => undefined),
  };
  #running: DisappearingMessages | undefined;

  async start(): Promise<DisappearingMessages> {
    await this.#running?.close();
    this.#running = new DisappearingMessages(this);
    await this.#running.watch(room, (gone) => this.gone.push(...gone), new AbortController().signal);
    return this.#running;
  }
}

const text = (seq: number, expires: number) => ({ type: 'message', text: `${seq}`, expires }) as const;
const gone = (expires: number) => ({ type: 'message', text: '', expires });

describe('a message that disappears', () => {
  test('goes that long after it was shown, and its text with it', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    await profile.clock.advance(600_000);
    await messages.shown([expiring(1, 60), expiring(2, 30)]);
    await profile.clock.advance(29_000);
    expect(profile.gone).toEqual([]);
    expect(await messages.restOf(placeOf(1), text(1, 60), { reread: true })).toBeUndefined();
    await profile.clock.advance(1_000);
    expect([profile.gone.map(({ id }) => id), profile.erased]).toEqual([[placeOf(2).id], [2]]);
    await profile.clock.advance(30_000);
    expect([profile.gone.length, profile.erased]).toEqual([2, [2, 1]]);
    expect(profile.clock.timers).toBe(0);
  });

  test('stays until it was shown', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    expect(await messages.restOf(placeOf(1), text(1, 5), { reread: false })).toBeUndefined();
    await profile.clock.advance(3_600_000);
    expect(await messages.restOf(placeOf(1), text(1, 5), { reread: true })).toBeUndefined();
  });

  test('does not stay longer because it is shown again, a process starts, or the clock is set back', async () => {
    const profile = new Profile();
    await (await profile.start()).shown([expiring(1, 100)]);
    await profile.clock.advance(40_000);
    profile.clock.setBy = -7 * 86_400_000;
    await (await profile.start()).shown([expiring(1, 100)]);
    await profile.clock.advance(40_000);
    profile.clock.setBy -= 3_600_000;
    await profile.clock.advance(10_000);
    await (await profile.start()).shown([expiring(1, 100)]);
    await profile.clock.advance(9_000);
    expect(profile.gone).toEqual([]);
    await profile.clock.advance(1_000);
    expect(profile.gone).toHaveLength(1);
  });

  test('goes while nobody runs, and is told and erased at the next start', async () => {
    const profile = new Profile();
    await (await profile.start()).shown([expiring(1, 60)]);
    await (await profile.start()).close();
    profile.clock.setBy = 61_000;
    const messages = await profile.start();
    expect(await messages.restOf(placeOf(1), text(1, 60), { reread: true })).toEqual(gone(60));
    await profile.clock.advance(0);
    expect([profile.gone.length, profile.erased]).toEqual([1, [1]]);
  });

  test('never comes back, whatever is given again and however the clock is set', async () => {
    const profile = new Profile();
    await (await profile.start()).shown([expiring(1, 5)]);
    await profile.clock.advance(5_000);
    for (const set of [-86_400_000, -1, 0, 86_400_000]) {
      profile.clock.setBy = set;
      const messages = await profile.start();
      // A server may give the same content as one that was not opened before, and its sender may claim another life.
      for (const reread of [true, false])
        expect(await messages.restOf(placeOf(1), text(1, 31_536_000), { reread })).toMatchObject({
          text: '',
        });
      await messages.shown([expiring(1, 31_536_000)]);
      await profile.clock.advance(0);
      expect(await messages.restOf(placeOf(1), text(1, 5), { reread: true })).toEqual(gone(5));
    }
  });

  test('that another process of the profile showed first goes when that one says, also where it was shown later', async () => {
    const profile = new Profile();
    const first = await profile.start();
    const told: Disappeared[] = [];
    const second = new DisappearingMessages(profile);
    await second.watch(room, (some) => told.push(...some), new AbortController().signal);
    await first.shown([expiring(1, 60), expiring(2, 10)]);
    await profile.clock.advance(30_000);
    expect(await second.restOf(placeOf(2), text(2, 10), { reread: false })).toEqual(gone(10));
    await second.shown([expiring(1, 60), expiring(2, 10)]);
    await profile.clock.advance(0);
    expect(told.map(({ id }) => id)).toEqual([placeOf(2).id]);
    await profile.clock.advance(30_000);
    expect(told.map(({ id }) => id)).toEqual([placeOf(2).id, placeOf(1).id]);
    expect(profile.gone).toHaveLength(2);
    await second.close();
  });

  test('of the user counts from when it was sent, also on a device that sees it first much later', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    const sentAt = profile.clock.wallTime() - 50_000;
    expect(await messages.restOf(placeOf(1), text(1, 60), { reread: false, sentAt })).toBeUndefined();
    expect(await messages.restOf(placeOf(2), text(2, 50), { reread: false, sentAt })).toEqual(gone(50));
    await profile.clock.advance(10_000);
    expect(profile.gone.map(({ id }) => id)).toEqual([placeOf(2).id, placeOf(1).id]);
  });

  test('takes its edits with it, whether they ask for more or for nothing', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    await messages.shown([expiring(1, 60)]);
    await profile.clock.advance(30_000);
    await messages.shown([expiring(2, 600, 1), expiring(3, undefined, 1), expiring(4, undefined, 9)]);
    await profile.clock.advance(30_000);
    expect(new Set(profile.gone.map(({ id }) => id))).toEqual(new Set([placeOf(1).id]));
    expect(profile.erased).toEqual([1, 2, 3]);
    const later = { type: 'edit', of: placeOf(1).id, body: { text: 'later' } } as const;
    expect(await messages.restOf(placeOf(5), later, { reread: false })).toMatchObject({ body: { text: '' } });
    const other = { ...later, of: placeOf(9).id };
    expect(await messages.restOf(placeOf(6), other, { reread: false })).toBeUndefined();
  });
});

describe('records of messages that disappeared', () => {
  test('are bounded in each room: those that went keep what was opened before from coming back, and nothing else', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    const count = TIMERS_KEPT_MAX + 1_100;
    for (let seq = 1; seq <= count; seq += 1) {
      await messages.shown([expiring(seq, 5)]);
      if (seq % 5_000 === 0) await profile.clock.advance(5_000);
    }
    const records = await profile.state.list('timers', `${room}.`);
    expect(records.length).toBeLessThanOrEqual(TIMERS_KEPT_MAX + 1_000);
    expect(await messages.restOf(placeOf(1), text(1, 5), { reread: true })).toEqual(gone(5));
    expect(await messages.restOf(placeOf(1), text(1, 5), { reread: false })).toBeUndefined();
  }, 60_000);

  test('of a room that was left are one number, which keeps what was shown from coming back', async () => {
    const profile = new Profile();
    const messages = await profile.start();
    await messages.shown([expiring(1, 60), expiring(7, 60)]);
    await messages.forget(room);
    expect(await profile.state.list('timers', `${room}.`)).toEqual([]);
    expect(profile.opened.forget).toHaveBeenCalledWith(room);
    for (const seq of [1, 7])
      expect(await messages.restOf(placeOf(seq), text(seq, 60), { reread: true })).toEqual(gone(60));
    expect(await messages.restOf(placeOf(8), text(8, 60), { reread: true })).toBeUndefined();
  });
});
