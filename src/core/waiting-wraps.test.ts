import { describe, expect, it, onTestFinished } from 'vitest';
import { present } from '../../test/support/protocol/arbitraries.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import { parseRoomId, parseUserId, type UserId } from '../protocol/ids.ts';
import { EPOCH_PART_BYTES_MAX, EPOCH_PART_LIFE_MS } from '../protocol/limits.ts';
import { WAITING_WRAPS_NODE_BYTES, WAITING_WRAPS_USER_BYTES, WaitingWraps } from './waiting-wraps.ts';

const room = present(parseRoomId('07'.repeat(16)));
const other = present(parseRoomId('08'.repeat(16)));
const userNumber = (number: number): UserId => present(parseUserId(`${number}`.padStart(32, '0')));
const [ann, bob, late] = [userNumber(101), userNumber(102), userNumber(103)];
const [body, another] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const part = (number: number, ...bytes: readonly number[]) => ({
  bodyHash: body,
  part: number,
  bytes: Uint8Array.from(bytes),
});
const full = (number: number) => ({
  bodyHash: body,
  part: number,
  bytes: new Uint8Array(EPOCH_PART_BYTES_MAX),
});

function setUp() {
  const clock = { nowMs: 0 };
  const told: number[] = [];
  const telemetry = { waitingWrapBytes: (count: number) => void told.push(count) };
  const wraps = new WaitingWraps(telemetry, () => clock.nowMs);
  onTestFinished(() => wraps.close());
  const code = (outcome: object | undefined): string =>
    outcome !== undefined && isRefusal(outcome) ? outcome.refused : 'ok';
  return { clock, wraps, told, code };
}

describe('wraps that wait for their epoch', () => {
  it('are put one behind the other by their number, whatever the order in which they came', () => {
    const { wraps } = setUp();
    const at = { user: ann, room };
    wraps.put(at, part(1, 3, 4));
    expect(wraps.all(at, body)).toBeUndefined();
    wraps.put(at, part(0, 9));
    wraps.put(at, part(0, 1, 2));
    expect(wraps.all(at, body)).toEqual(Uint8Array.from([1, 2, 3, 4]));
    expect(wraps.all(at, another)).toBeUndefined();
    expect(wraps.all({ user: bob, room }, body)).toBeUndefined();
    expect(wraps.all({ user: ann, room: other }, body)).toBeUndefined();
  });

  it('make way for those of another body in their room', () => {
    const { wraps } = setUp();
    const at = { user: ann, room };
    wraps.put(at, part(0, 1));
    wraps.put(at, { ...part(0, 2), bodyHash: another });
    expect(wraps.all(at, body)).toBeUndefined();
    expect(wraps.all(at, another)).toEqual(Uint8Array.from([2]));
  });

  it('are dropped after a minute without another part, or when they are not needed any more', () => {
    const { clock, wraps, told } = setUp();
    wraps.put({ user: ann, room }, part(0, 1));
    wraps.put({ user: bob, room }, part(0, 1, 2));
    clock.nowMs = EPOCH_PART_LIFE_MS - 1;
    wraps.put({ user: ann, room }, part(1, 2));
    clock.nowMs = EPOCH_PART_LIFE_MS;
    expect(wraps.all({ user: bob, room }, body)).toBeUndefined();
    expect(wraps.all({ user: ann, room }, body)).toEqual(Uint8Array.from([1, 2]));
    expect(told.at(-1)).toBe(2);
    wraps.drop({ user: ann, room });
    expect(told.at(-1)).toBe(0);
    expect(wraps.all({ user: ann, room }, body)).toBeUndefined();
  });

  it('are refused beyond what a user may have, over all rooms', () => {
    const { wraps, code } = setUp();
    const most = WAITING_WRAPS_USER_BYTES / EPOCH_PART_BYTES_MAX;
    for (let number = 0; number < most - 1; number += 1)
      expect(code(wraps.put({ user: ann, room }, full(number)))).toBe('ok');
    expect(code(wraps.put({ user: ann, room: other }, full(0)))).toBe('ok');
    expect(code(wraps.put({ user: ann, room }, part(15, 1)))).toBe('too_large');
    expect(code(wraps.put({ user: ann, room }, full(3)))).toBe('ok');
    wraps.drop({ user: ann, room: other });
    expect(code(wraps.put({ user: ann, room }, full(15)))).toBe('ok');
  });

  it('are refused beyond what a node may have, to be sent again later', () => {
    const { wraps, code } = setUp();
    const users = WAITING_WRAPS_NODE_BYTES / WAITING_WRAPS_USER_BYTES;
    for (let user = 0; user < users; user += 1)
      for (let number = 0; number < WAITING_WRAPS_USER_BYTES / EPOCH_PART_BYTES_MAX; number += 1)
        expect(code(wraps.put({ user: userNumber(user), room }, full(number)))).toBe('ok');
    expect(wraps.put({ user: late, room }, part(0, 1))).toMatchObject({ refused: 'unavailable' });
    wraps.drop({ user: userNumber(0), room });
    expect(code(wraps.put({ user: late, room }, part(0, 1)))).toBe('ok');
  });
});
