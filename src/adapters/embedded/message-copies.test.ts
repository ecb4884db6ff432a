import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, sameBytes } from '../../protocol/bytes.ts';
import { ID_BYTES } from '../../protocol/ids.ts';
import { type CopyRows, copiesAt, copyFor, copyRows, putCopies, removeCopies } from './message-copies.ts';
import { keyOf } from './store-keys.ts';
import type { TableName } from './store-tables.ts';

const id = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES });
const ids = fc
  .uniqueArray(id, { minLength: 1, maxLength: 200, selector: String, size: 'max' })
  .map((all) => all.sort((one, other) => Buffer.compare(one, other)));
const key = keyOf(1, 2);

/** The rows of one message, as its tables hold them. */
class Rows {
  readonly rows = new Map<string, Buffer>();

  get(table: TableName, at: Buffer): Buffer | undefined {
    return this.rows.get(`${table} ${at.toString('hex')}`);
  }

  peek(table: TableName, at: Buffer): Uint8Array | undefined {
    const row = this.get(table, at);
    return row && new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
  }

  put(table: TableName, at: Buffer, row: Buffer): void {
    this.rows.set(`${table} ${at.toString('hex')}`, row);
  }

  remove(table: TableName, at: Buffer): void {
    this.rows.delete(`${table} ${at.toString('hex')}`);
  }
}

function stored(copies: CopyRows): Rows {
  const rows = new Rows();
  putCopies(rows, key, copies);
  return rows;
}

describe('the copies of a stored message', () => {
  it('give each recipient its own wrap, and nobody else one, in chunks or not, whatever the length of wraps', () => {
    fc.assert(
      fc.property(ids, id, fc.nat(300), fc.boolean(), (recipients, stranger, wrapBytes, mayChunk) => {
        const wraps = recipients.map((_, index) => new Uint8Array(wrapBytes).fill(index));
        const parts = { recipients: concatBytes(...recipients), wraps: concatBytes(...wraps) };
        const made = copyRows(parts, mayChunk);
        const isChunked = made.chunks.length > 0;
        const rows = stored(made);
        expect(copiesAt(rows, key, isChunked)).toEqual(parts);
        const isOwn = recipients.map((recipient, index) => {
          const { wrap, ...more } = copyFor(rows, key, isChunked, recipient) ?? expect.unreachable();
          return sameBytes(wrap, wraps[index] ?? expect.unreachable()) && Object.keys(more).length === 0;
        });
        expect(isOwn).not.toContain(false);
        const known = recipients.some((recipient) => Buffer.compare(recipient, stranger) === 0);
        if (!known) expect(copyFor(rows, key, isChunked, stranger)).toBeUndefined();
        removeCopies(rows, key, isChunked);
        expect([...rows.rows]).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('are the same for everybody in suite 2, and tell the version of the epoch', () => {
    const nothing = new Uint8Array(0);
    const parts = { recipients: nothing, wraps: nothing, epochVersion: 2 ** 40 };
    const rows = stored(copyRows(parts, true));
    expect(copiesAt(rows, key, false)).toEqual(parts);
    const copy = { wrap: nothing, epochVersion: 2 ** 40 };
    expect(copyFor(rows, key, false, new Uint8Array(ID_BYTES).fill(7))).toEqual(copy);
  });

  it('are a fault when they were cut or one of their rows is gone, never other copies', () => {
    const one = new Uint8Array(ID_BYTES).fill(1);
    const few = copyRows({ recipients: one, wraps: new Uint8Array(0) }, true);
    for (let length = 0; length < few.row.length; length += 1) {
      const rows = stored({ row: few.row.subarray(0, length), chunks: [] });
      expect(() => copiesAt(rows, key, false)).toThrow('a row of copies');
      expect(() => copyFor(rows, key, false, one)).toThrow('a row of copies');
    }
    const many = Array.from({ length: 100 }, (_, index) => new Uint8Array(ID_BYTES).fill(index));
    const rows = stored(copyRows({ recipients: concatBytes(...many), wraps: new Uint8Array(100) }, true));
    rows.rows.delete([...rows.rows.keys()].at(-1) ?? '');
    expect(() => copyFor(rows, key, true, new Uint8Array(ID_BYTES).fill(99))).toThrow('a row of copies');
    expect(() => copiesAt(rows, key, true)).toThrow('a row of copies');
  });
});
