import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { RecordSeal } from './record-seal.ts';

describe('a sealed record', () => {
  const records = new RecordSeal(randomBytes(32));
  const sealed = records.seal('rooms/1', utf8('value'));

  test('opens at its own place only', () => {
    expect(records.open('rooms/1', sealed)).toEqual(utf8('value'));
    expect(records.open('rooms/2', sealed)).toBeUndefined();
  });

  test('does not open under another key, changed, or cut short', () => {
    expect(new RecordSeal(randomBytes(32)).open('rooms/1', sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(records.open('rooms/1', changed), `byte ${at}`).toBeUndefined();
      expect(records.open('rooms/1', sealed.subarray(0, at)), `${at} bytes`).toBeUndefined();
    }
  });
});
