import { describe, expect, it } from 'vitest';
import { isReadBetween, READ_PIECES_MAX, type ReadPieces, withPage } from './read-pieces.ts';

const HOUR_MS = 3_600_000;
const page = (from: number, through: number, aliveAfter = 0, retention = 30) =>
  ({ from, through, retention, aliveAfter }) as const;
const copy = (seq: number, at = 1_000_000) => ({ seq, at });

describe('what was read', () => {
  it('is whole where pages touch, in whatever order they came, and not across a hole', () => {
    let read: ReadPieces | undefined = withPage(undefined, page(21, 30), [copy(25)]);
    read = withPage(read, page(1, 10), [copy(5)]);
    expect(isReadBetween(read, 5, 25, 0)).toBe(false);
    read = withPage(read, page(11, 20), []);
    expect(isReadBetween(read, 5, 25, 0)).toBe(true);
    expect(isReadBetween(read, 5, 40, 0)).toBe(false);
  });

  it('is not certain once the copy at its lower end may be gone, and others after it', () => {
    let read = withPage(undefined, page(1, 10), [copy(5, 10 * HOUR_MS)]);
    read = withPage(read, page(11, 20), [copy(20, 100 * HOUR_MS)]);
    expect(isReadBetween(read, 5, 20, 9 * HOUR_MS)).toBe(true);
    expect(isReadBetween(read, 5, 20, 10 * HOUR_MS)).toBe(false);
    expect(isReadBetween(read, 20, 21, 10 * HOUR_MS)).toBe(true);
  });

  it('is forgotten when the room keeps messages for another time than before', () => {
    const read = withPage(undefined, page(1, 10), [copy(5)]);
    expect(isReadBetween(withPage(read, page(11, 20, 0, 7), [copy(15)]), 5, 15, 0)).toBe(false);
  });

  it('is no more than the copies themselves in a room that keeps nothing', () => {
    const read = withPage(undefined, page(1, 10, 0, 0), [copy(3), copy(4), copy(9)]);
    expect(isReadBetween(read, 3, 4, 0)).toBe(true);
    expect(isReadBetween(read, 4, 9, 0)).toBe(false);
  });

  it('stays the same object when a page brings nothing new', () => {
    const read = withPage(undefined, page(1, 10), [copy(5)]);
    expect(withPage(read, page(2, 9), [copy(5)])).toBe(read);
  });

  it('takes a limited space: neighbours become one, and what stands alone is forgotten from the oldest on', () => {
    let read: ReadPieces | undefined;
    for (let i = 0; i < 3 * READ_PIECES_MAX; i += 1)
      read = withPage(read, page(10 * i + 1, 10 * i + 10), [copy(10 * i + 5, 2 * i * HOUR_MS + 1)]);
    expect(read?.pieces.length).toBe(READ_PIECES_MAX);
    expect(isReadBetween(read ?? expect.unreachable(), 5, 30 * READ_PIECES_MAX, 0)).toBe(true);
    for (let i = 0; i < 2 * READ_PIECES_MAX; i += 1)
      read = withPage(read, page(10_000 + 10 * i, 10_001 + 10 * i), [copy(10_000 + 10 * i)]);
    expect(read?.pieces.length).toBe(READ_PIECES_MAX);
    expect(isReadBetween(read ?? expect.unreachable(), 5, 9, 0)).toBe(false);
  });
});
