import { describe, expect, it } from 'vitest';
import { parseUserId } from '../protocol/ids.ts';
import { AbuseBans, BAN_MS_MAX, BAN_MS_MIN, BAN_REMEMBERED_MS } from './admission.ts';

const ann = parseUserId('0a'.repeat(16)) ?? expect.unreachable('the test needs ids');
const bob = parseUserId('0b'.repeat(16)) ?? expect.unreachable('the test needs ids');

/** Closes ann for abuse the moment each ban ends. Returns the time of the last one. */
function abusedAgain(bans: AbuseBans, times: number): number {
  let nowMs = 0;
  for (let i = 0; i < times; i += 1) {
    nowMs += bans.waitMs(ann, nowMs);
    bans.abused(ann, nowMs);
  }
  return nowMs;
}

describe('a ban', () => {
  it('ends by itself, and holds nobody else', () => {
    const bans = new AbuseBans();
    bans.abused(ann, 0);
    expect(bans.waitMs(ann, 0)).toBe(BAN_MS_MIN);
    expect(bans.waitMs(ann, BAN_MS_MIN - 1)).toBe(1);
    expect(bans.waitMs(ann, BAN_MS_MIN)).toBe(0);
    expect(bans.waitMs(bob, 0)).toBe(0);
  });

  it('lasts twice as long each time, up to a maximum', () => {
    const bans = new AbuseBans();
    expect(bans.waitMs(ann, abusedAgain(bans, 4))).toBe(8 * BAN_MS_MIN);
    const many = new AbuseBans();
    expect(many.waitMs(ann, abusedAgain(many, 40))).toBe(BAN_MS_MAX);
  });

  it('does not grow when several sessions of the user are closed at once', () => {
    const bans = new AbuseBans();
    for (let session = 0; session < 16; session += 1) bans.abused(ann, session);
    expect(bans.waitMs(ann, 0)).toBe(BAN_MS_MIN);
  });

  it('is forgotten in time', () => {
    const bans = new AbuseBans();
    const lastAtMs = abusedAgain(bans, 5);
    const quietAtMs = lastAtMs + bans.waitMs(ann, lastAtMs) + BAN_REMEMBERED_MS;
    bans.abused(ann, quietAtMs);
    expect(bans.waitMs(ann, quietAtMs)).toBe(BAN_MS_MIN);
  });
});
