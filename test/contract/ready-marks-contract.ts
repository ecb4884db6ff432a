import { describe, expect, test } from 'vitest';
import type { ReadyMarks } from '../../src/ports/ready-marks.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { eventually } from '../support/eventually.ts';

interface Holder {
  readonly readyMarks?: ReadyMarks;
  close(): Promise<void>;
}

/** Two nodes on one service, which nobody else uses. */
type OpenHolders = () => Promise<{ readonly a: Holder; readonly b: Holder } & AsyncDisposable>;

function marksOf({ readyMarks }: Holder): ReadyMarks {
  return readyMarks ?? expect.unreachable('nodes share this service');
}

/** What every place of marks guarantees. */
export function readyMarksContract(name: string, open: OpenHolders): void {
  describe(`the marks of nodes that are ready, on ${name}`, () => {
    test('every node sees those of all, and they rise when they are set again', async () => {
      await using pair = await open();
      const [a, b] = [marksOf(pair.a), marksOf(pair.b)];
      expect(await a.all()).toEqual(new Map());
      await a.set('one');
      await b.set('two');
      const first = await b.all();
      expect([...first.keys()].sort()).toEqual(['one', 'two']);
      expect(await a.all()).toEqual(first);
      await eventually(async () => {
        await a.set('one');
        expect((await b.all()).get('one')).toBeGreaterThan(first.get('one') ?? 0);
      });
      expect((await b.all()).get('two')).toBe(first.get('two'));
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      await pair.a.close();
      await expect(marksOf(pair.a).set('one')).rejects.toThrow(Unavailable);
      await expect(marksOf(pair.a).all()).rejects.toThrow(Unavailable);
    });
  });
}
