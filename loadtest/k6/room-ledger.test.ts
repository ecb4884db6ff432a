import { beforeEach, describe, expect, test } from 'vitest';
import { type Received, RoomLedger } from './room-ledger.ts';

const member = (): Received => ({ positions: new Set(), last: 0, excusedThrough: 0 });

describe('the books of a room', () => {
  let ledger: RoomLedger;
  let ann: Received;
  let bob: Received;
  beforeEach(() => {
    ledger = new RoomLedger();
    [ann, bob] = [member(), member()];
  });

  test('an acknowledged message that a member lacks is lost, once', () => {
    for (const position of [1, 2, 3]) {
      ledger.acknowledge(position, 100);
      ledger.note(ann, position);
    }
    ledger.note(bob, 1);
    ledger.note(bob, 3);
    expect(ledger.missing([ann, bob])).toBe(1);
    expect(ledger.judge([ann, bob], 200)).toBe(1);
    expect(ledger.judge([ann, bob], 200)).toBe(0);
  });

  test('what was acknowledged only now is not judged yet', () => {
    ledger.acknowledge(1, 100);
    ledger.acknowledge(2, 190);
    expect(ledger.judge([ann], 150)).toBe(1);
    ledger.note(ann, 2);
    expect(ledger.judge([ann], 250)).toBe(0);
  });

  test('a message that nobody acknowledged may be missing', () => {
    ledger.note(ann, 5);
    expect(ledger.judge([ann, bob], 200)).toBe(0);
  });

  test('the same position again is a repeat, also after it was judged; a lower one is late', () => {
    expect(ledger.note(ann, 2)).toBe('new');
    expect(ledger.note(ann, 1)).toBe('late');
    expect(ledger.note(ann, 2)).toBe('repeat');
    ledger.acknowledge(1, 100);
    ledger.acknowledge(2, 100);
    expect(ledger.judge([ann], 200)).toBe(0);
    expect(ann.positions.size).toBe(0);
    expect(ledger.note(ann, 2)).toBe('repeat');
    expect(ledger.note(ann, 3)).toBe('new');
  });

  test('one message at two positions is a duplicate, and every position is looked at once', () => {
    expect(ledger.isUnseen(1)).toBe(true);
    expect(ledger.isDuplicate(1, 'a')).toBe(false);
    expect(ledger.isUnseen(1)).toBe(false);
    expect(ledger.isDuplicate(2, 'b')).toBe(false);
    expect(ledger.isDuplicate(3, 'a')).toBe(true);
  });

  test('whoever was away from a room that stores nothing is excused', () => {
    for (const position of [1, 2]) ledger.acknowledge(position, 100);
    bob.excusedThrough = 1;
    ledger.note(bob, 2);
    expect(ledger.judge([bob], 200)).toBe(0);
  });
});
