import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { eventName } from '../../../test/support/tui/event-name.ts';
import { type InputEvent, KeyReader } from './key-reader.ts';

function collect(reader: KeyReader): InputEvent[] {
  const events: InputEvent[] = [];
  reader.onEvent((event) => events.push(event));
  return events;
}

describe('Escape', () => {
  it.each([
    ['Alt+Enter', ['\x1b', '\r'], ['escape', 'alt+enter']],
    ['an arrow', ['\x1b', '[A'], ['escape', 'up']],
    ['an arrow in three pieces', ['\x1b', '[', 'A'], ['escape', 'up']],
    ['an arrow of the application mode', ['\x1b', 'OA'], ['escape', 'up']],
    ['a key with a modifier', ['\x1b[1;', '5C'], ['ctrl+right']],
    ['a letter after Escape', ['\x1b', 'b'], ['escape', 'text:b']],
  ])('is part of what comes late on a slow line: %s', (_, pieces, expected) => {
    vi.useFakeTimers();
    try {
      const stream = new PassThrough();
      const reader = new KeyReader(stream);
      const events = collect(reader);
      for (const piece of pieces) {
        stream.emit('data', piece);
        // Longer than a sequence is waited for, and shorter than it is remembered.
        vi.advanceTimersByTime(piece === '\x1b' ? 80 : 600);
      }
      reader.close();
      const named = events.map(eventName);
      // A beginning that may be Alt with [ is that, too, when nothing follows in time.
      expect(named.filter((name) => name !== 'alt+[')).toEqual(expected);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is the key alone once what follows comes much later', () => {
    vi.useFakeTimers();
    try {
      const stream = new PassThrough();
      const reader = new KeyReader(stream);
      const events = collect(reader);
      stream.emit('data', '\x1b');
      vi.advanceTimersByTime(1_200);
      stream.emit('data', '\r');
      reader.close();
      expect(events).toEqual([
        { type: 'key', key: 'escape' },
        { type: 'key', key: 'enter' },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});
