import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type FrameTarget, FrameWriter } from './frame-writer.ts';

class RecordingTarget extends EventEmitter implements FrameTarget {
  writableNeedDrain = false;
  readonly writes: string[] = [];

  write(text: string): boolean {
    this.writes.push(text.replaceAll('\u001b', '␛'));
    return !this.writableNeedDrain;
  }
}

function screen(): { readonly target: RecordingTarget; readonly frames: FrameWriter } {
  const target = new RecordingTarget();
  return { target, frames: new FrameWriter(target) };
}

describe('frames', () => {
  test('are written whole at first, then only where they differ, each in one write', () => {
    const { target, frames } = screen();
    frames.draw('one\ntwo\nthree', undefined);
    frames.draw('one\nTWO\nthree', { row: 2, column: 4 });
    expect(target.writes).toEqual([
      '␛[?2026h␛[?25l␛[1;1H␛[2Kone␛[m␛[2;1H␛[2Ktwo␛[m␛[3;1H␛[2Kthree␛[m␛[?2026l',
      '␛[?2026h␛[?25l␛[2;1H␛[2KTWO␛[m␛[3;5H␛[?25h␛[?2026l',
    ]);
  });

  test('empty the rows that a shorter frame leaves, and begin anew when told to forget', () => {
    const { target, frames } = screen();
    frames.draw('one\ntwo', undefined);
    frames.draw('one', undefined);
    expect(target.writes.at(-1)).toContain('␛[2;1H␛[2K␛[m');
    frames.forget();
    frames.draw('one', undefined);
    expect(target.writes.at(-1)).toContain('␛[1;1H␛[2Kone');
  });

  test('are left out while a slow terminal is busy, but for the newest', () => {
    const { target, frames } = screen();
    target.writableNeedDrain = true;
    for (const text of ['one', 'two', 'three']) frames.draw(text, undefined);
    expect(target.writes).toEqual([]);
    target.writableNeedDrain = false;
    target.emit('drain');
    expect(target.writes).toHaveLength(1);
    expect(target.writes[0]).toContain('three');
  });

  test('set the column after every character whose width terminals disagree about', () => {
    const { target, frames } = screen();
    frames.draw('a\u001b[31m👩‍👩‍👧\u001b[39m日b', undefined);
    expect(target.writes[0]).toContain('a␛[31m👩‍👩‍👧␛[4G␛[39m日␛[6Gb');
  });
});
