import { toHex } from '../../../src/protocol/bytes.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { CHANGE_TAG_BYTES, type Changed, type UserState } from '../../../src/protocol/layouts/user-state.ts';
import { USER_STATE_IGNORED_MAX, USER_STATE_ROOMS_MAX } from '../../../src/protocol/limits.ts';
import { randomBytes } from '../../crypto/web-crypto.ts';

/*
 * States of the same user are merged entry by entry: the higher position, the later change. Any order and grouping of merges gives
 * the same, so devices that have seen the same changes agree, and an older state changes nothing.
 */

export const emptyState: UserState = {
  reads: new Map(),
  levels: new Map(),
  ignored: new Map(),
  order: { value: [], counter: 0, tag: '0'.repeat(16) },
};

/** The people whose entries were changed last are kept, as many as a state has room for. */
export function mergedStates(one: UserState, other: UserState): UserState {
  return {
    reads: joined(one.reads, other.reads, Math.max),
    levels: joined(one.levels, other.levels, later),
    ignored: newest(joined(one.ignored, other.ignored, later), USER_STATE_IGNORED_MAX),
    order: later(one.order, other.order),
  };
}

/**
 * What of a state is stored when it has more rooms than one has room for: those that the user is in come first. No part of a merge:
 * devices may differ in which rooms these are.
 */
export function fittingState(state: UserState, isMember: (room: RoomId) => boolean): UserState {
  const kept = <T>(entries: ReadonlyMap<RoomId, T>): ReadonlyMap<RoomId, T> => {
    if (entries.size <= USER_STATE_ROOMS_MAX) return entries;
    const rank = (room: RoomId): string => `${isMember(room) ? 0 : 1}${room}`;
    const sorted = [...entries].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
    return new Map(sorted.slice(0, USER_STATE_ROOMS_MAX));
  };
  return { ...state, reads: kept(state.reads), levels: kept(state.levels) };
}

/** The counter of the next change: above that of every change in the state, as long as there is one. */
export function nextCounter({ levels, ignored, order }: UserState): number {
  let counter = order.counter;
  for (const change of [...levels.values(), ...ignored.values()]) counter = Math.max(counter, change.counter);
  return Math.min(counter + 1, Number.MAX_SAFE_INTEGER);
}

export function changed<T>(value: T, counter: number): Changed<T> {
  return { value, counter, tag: toHex(randomBytes(CHANGE_TAG_BYTES)) };
}

function joined<Key, T>(
  one: ReadonlyMap<Key, T>,
  other: ReadonlyMap<Key, T>,
  join: (a: T, b: T) => T,
): ReadonlyMap<Key, T> {
  const entries = new Map(one);
  for (const [key, value] of other) {
    const known = entries.get(key);
    entries.set(key, known === undefined ? value : join(known, value));
  }
  return entries;
}

function later<T>(one: Changed<T>, other: Changed<T>): Changed<T> {
  return isAfter(one, other) ? one : other;
}

/** A total order: where not even the tags differ, the values decide. */
function isAfter(one: Changed<unknown>, other: Changed<unknown>): boolean {
  const order = byTime(one, other);
  return order === 0 ? String(one.value) > String(other.value) : order > 0;
}

/** For sorting: the earlier change first. */
function byTime(one: Changed<unknown>, other: Changed<unknown>): number {
  if (one.counter !== other.counter) return one.counter - other.counter;
  if (one.tag === other.tag) return 0;
  return one.tag > other.tag ? 1 : -1;
}

function newest<Key extends string, T>(
  entries: ReadonlyMap<Key, Changed<T>>,
  max: number,
): ReadonlyMap<Key, Changed<T>> {
  if (entries.size <= max) return entries;
  const sorted = [...entries].sort(([nameA, a], [nameB, b]) => byTime(b, a) || (nameA < nameB ? -1 : 1));
  return new Map(sorted.slice(0, max));
}
