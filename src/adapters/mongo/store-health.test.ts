import { expect, test } from 'vitest';
import { freeDiskBytes, majorityLagSeconds } from './store-health.ts';

const at = (seconds: number): Date => new Date(1_800_000_000_000 + seconds * 1_000);

test("the lag is the time between the primary's last write and the last one on a majority", () => {
  const hello = (last: number, majority: number) => ({
    isWritablePrimary: true,
    lastWrite: { lastWriteDate: at(last), majorityWriteDate: at(majority) },
  });
  expect(majorityLagSeconds(hello(20, 8))).toBe(12);
  expect(majorityLagSeconds(hello(20, 20))).toBe(0);
  expect(majorityLagSeconds(hello(20, 21))).toBe(0);
});

test('free disk is what the file system of the primary has left', () => {
  expect(freeDiskBytes({ db: 'conclave', fsTotalSize: 1_000, fsUsedSize: 300, ok: 1 })).toBe(700);
});

test('a server that says neither, or answers with an error, leaves them unknown', () => {
  for (const reply of [undefined, null, {}, { lastWrite: {} }, { lastWrite: { lastWriteDate: 'today' } }])
    expect(majorityLagSeconds(reply)).toBe(0);
  for (const reply of [undefined, null, {}, { fsTotalSize: '1000', fsUsedSize: 3 }])
    expect(freeDiskBytes(reply)).toBe(Number.POSITIVE_INFINITY);
});
