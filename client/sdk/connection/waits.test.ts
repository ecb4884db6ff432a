import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { ManualClock, settled } from '../../../test/support/sdk/manual-clock.ts';
import { texts } from '../../texts/texts.ts';
import { ConclaveError } from '../errors.ts';
import { createClient, memoryStorage, newAccountKeys } from '../index.ts';
import type { Notice } from '../notice.ts';
import { HELD_UP_MS, type Wait, Waits } from './waits.ts';

const { silent, unavailable, rate_limited } = texts.heldUp;
const refusal = (code: 'unavailable' | 'rate_limited'): ConclaveError => new ConclaveError(code, 'no');

/** Waits whose end the test decides. */
class Watched {
  readonly clock = new ManualClock();
  readonly told: (string | undefined)[] = [];
  isOnline = true;
  readonly waits = new Waits({
    clock: this.clock,
    isOnline: () => this.isOnline,
    tell: (error) => this.told.push(error?.message),
  });

  begin(): Wait & { end(): Promise<void> } {
    let wait: Wait | undefined;
    let answer = (): void => undefined;
    const answered = this.waits.during((given) => {
      wait = given;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    if (wait === undefined) throw new Error('the work did not begin');
    const end = async (): Promise<void> => {
      answer();
      await answered;
    };
    return { ...wait, end };
  }
}

describe('waits for the server', () => {
  test('that are short are not told, and leave no timer behind', async () => {
    const { begin, clock, told, waits } = bound(new Watched());
    for (let i = 0; i < 20; i += 1) {
      const wait = begin();
      wait.asked();
      wait.refused(refusal('rate_limited'));
      await clock.advance(HELD_UP_MS / 3);
      await wait.end();
    }
    await clock.advance(HELD_UP_MS * 2);
    expect([told, clock.timers, waits.why]).toEqual([[], 0, undefined]);
  });

  test('that are long are told once with the reason, and once that they are over, however many there are', async () => {
    const { begin, clock, told, waits } = bound(new Watched());
    const some = Array.from({ length: 5 }, () => begin());
    for (const wait of some) wait.asked();
    for (let i = 0; i < 20; i += 1) {
      for (const wait of some) wait.refused(refusal('unavailable'));
      await clock.advance(HELD_UP_MS / 2);
    }
    expect(told).toEqual([unavailable]);
    expect(waits.why).toMatchObject({ code: 'unavailable', message: unavailable });
    for (const wait of some) {
      expect(told).toHaveLength(1);
      await wait.end();
    }
    expect(told).toEqual([unavailable, undefined]);
    await clock.advance(HELD_UP_MS);
    expect([told.length, clock.timers]).toEqual([2, 0]);
  });

  test('tell another reason when it is another one', async () => {
    const { begin, clock, told } = bound(new Watched());
    const wait = begin();
    wait.asked();
    await clock.advance(HELD_UP_MS);
    wait.refused(refusal('rate_limited'));
    await clock.advance(HELD_UP_MS);
    expect(told).toEqual([silent, rate_limited]);
  });

  test('say nothing while there is no connection, and begin anew with the next one', async () => {
    const watched = new Watched();
    const { begin, clock, told, waits } = bound(watched);
    const wait = begin();
    await clock.advance(HELD_UP_MS * 2);
    wait.asked();
    wait.refused(refusal('unavailable'));
    await clock.advance(HELD_UP_MS);
    watched.isOnline = false;
    wait.lost();
    await clock.advance(HELD_UP_MS * 5);
    expect(told).toEqual([unavailable, undefined]);
    expect(waits.why).toBeUndefined();
    watched.isOnline = true;
    wait.asked();
    wait.lost();
    wait.asked();
    await clock.advance(HELD_UP_MS - 1);
    expect(told).toHaveLength(2);
    await clock.advance(1_001);
    expect(told).toEqual([unavailable, undefined, silent]);
  });

  test('are known at once to those whose time is over', async () => {
    const { begin, clock, waits } = bound(new Watched());
    const wait = begin();
    expect(waits.why).toBeUndefined();
    wait.asked();
    expect(waits.why?.message).toBe(silent);
    wait.refused(refusal('unavailable'));
    expect(waits.why?.message).toBe(unavailable);
    waits.close();
    expect([waits.why, clock.timers]).toEqual([undefined, 0]);
  });
});

function bound(watched: Watched) {
  const { clock, told, waits } = watched;
  return { begin: () => watched.begin(), clock, told, waits };
}

test('a client tells that its server answers nothing but that it cannot, and that it goes on', async () => {
  await using fixture = await LiveFixture.start();
  const { server } = fixture;
  const clock = fixture.clock();
  const client = await createClient({
    server: server.url,
    storage: memoryStorage(await newAccountKeys('Ada')),
    webSocket: fixture.webSocket(),
    clock,
    timeoutMs: 60_000,
  });
  const told: Extract<Notice, { readonly type: 'held-up' }>[] = [];
  const following = (async () => {
    for await (const notice of client.notices()) if (notice.type === 'held-up') told.push(notice);
  })();
  await client.register();
  await client.create('Lobby');
  const room = await client.room('Lobby');
  let isFull = true;
  const refused = new Set(['send', 'put-state', 'prekey', 'put-backup']);
  server.intercept = ({ name }) => (isFull && refused.has(name) ? refuse('unavailable') : undefined);
  const sending = room.send('late');
  const pass = async (): Promise<void> => {
    await settled();
    await clock.advance(200);
  };
  while (told.length === 0) await pass();
  expect(told).toMatchObject([{ error: { code: 'unavailable', message: unavailable } }]);
  expect(client.heldUp).toMatchObject({ message: unavailable });
  const late = client.leave('Lobby');
  server.intercept = ({ name }) =>
    isFull && (refused.has(name) || name === 'leave') ? refuse('unavailable') : undefined;
  const ended = expect(late).rejects.toMatchObject({ code: 'timeout', message: `timed out: ${unavailable}` });
  for (let i = 0; i < 400; i += 1) await pass();
  await ended;
  expect(told).toHaveLength(1);
  isFull = false;
  await eventually(async () => {
    await pass();
    expect(told).toHaveLength(2);
  });
  expect(told[1]?.error).toBeUndefined();
  expect(await sending).toMatchObject({ room: 'Lobby' });
  await client.close();
  await following;
});
