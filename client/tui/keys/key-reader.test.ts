import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { eventName } from '../../../test/support/tui/event-name.ts';
import { type InputEvent, KeyReader, type KeyReaderOptions } from './key-reader.ts';
import { PASTE_CHARS_MAX } from './paste.ts';

/** Longer than any test: what waits for more input goes on waiting. */
const patient: KeyReaderOptions = { escapeMs: 3_600_000, sequenceMs: 3_600_000, pasteSilenceMs: 3_600_000 };
const hurried: KeyReaderOptions = { escapeMs: 1, sequenceMs: 1, pasteSilenceMs: 1 };

/** The events of these chunks, with neighbouring texts made one. */
function eventsOf(chunks: readonly (Buffer | string)[], options = patient): InputEvent[] {
  const input = new PassThrough();
  const reader = new KeyReader(input, options);
  const events = collect(reader);
  for (const chunk of chunks) input.emit('data', chunk);
  reader.close();
  return events;
}

function collect(reader: KeyReader): InputEvent[] {
  const events: InputEvent[] = [];
  reader.onEvent((event) => {
    const before = events.at(-1);
    if (event.type === 'text' && before?.type === 'text')
      events[events.length - 1] = { type: 'text', text: before.text + event.text };
    else events.push(event);
  });
  return events;
}

function keysOf(input: string): string[] {
  return eventsOf([Buffer.from(input)]).map(eventName);
}

/** What terminals send for a key: xterm, rxvt, tmux, the Linux console, kitty. */
const sent: readonly (readonly [key: string, ...sequences: string[]])[] = [
  ['enter', '\r', '\x1bOM', '\x1b[13u', '\x1b[13;1u'],
  ['alt+enter', '\x1b\r', '\x1b[13;3u', '\x1b[27;3;13~'],
  ['shift+enter', '\x1b[13;2u', '\x1b[27;2;13~'],
  ['ctrl+enter', '\x1b[13;5u'],
  ['ctrl+j', '\n'],
  ['tab', '\t', '\x1b[9u'],
  ['shift+tab', '\x1b[Z', '\x1b[9;2u'],
  ['backspace', '\x7f', '\b', '\x1b[127u'],
  ['alt+backspace', '\x1b\x7f', '\x1b[127;3u'],
  ['escape', '\x1b[27u'],
  ['home', '\x1b[H', '\x1bOH', '\x1b[1~', '\x1b[7~'],
  ['end', '\x1b[F', '\x1bOF', '\x1b[4~', '\x1b[8~'],
  ['alt+end', '\x1b[1;3F', '\x1b\x1b[8~'],
  ['ctrl+end', '\x1b[1;5F', '\x1b[8^'],
  ['pageup', '\x1b[5~'],
  ['shift+pageup', '\x1b[5;2~', '\x1b[5$'],
  ['pagedown', '\x1b[6~'],
  ['delete', '\x1b[3~'],
  ['insert', '\x1b[2~'],
  ['up', '\x1b[A', '\x1bOA', '\x1b[1;1A'],
  ['shift+up', '\x1b[1;2A', '\x1b[a'],
  ['ctrl+up', '\x1b[1;5A', '\x1bOa'],
  ['alt+up', '\x1b[1;3A', '\x1b\x1b[A', '\x1b\x1bOA'],
  ['ctrl+left', '\x1b[1;5D', '\x1bOd'],
  ['ctrl+alt+right', '\x1b[1;7C'],
  ['f1', '\x1bOP', '\x1b[11~', '\x1b[[A'],
  ['f4', '\x1bOS', '\x1b[14~', '\x1b[[D'],
  ['f12', '\x1b[24~'],
  ['ctrl+a', '\x01', '\x1b[97;5u'],
  ['ctrl+z', '\x1a'],
  ['ctrl+_', '\x1f'],
  ['ctrl+space', '\x00', '\x1b[32;5u'],
  ['alt+a', '\x1ba', '\x1b[97;3u', '\x1b[27;3;97~'],
  ['alt+shift+a', '\x1bA'],
  ['alt+1', '\x1b1', '\x1b[49;3u'],
  ['alt+ä', '\x1bä'],
  ['alt+shift+p', '\x1bP'],
  ['ctrl+alt+a', '\x1b\x01'],
];

describe('keys', () => {
  it('are known in the ways of all usual terminals', () => {
    for (const [key, ...sequences] of sent)
      for (const sequence of sequences)
        expect([sequence, keysOf(`${sequence}x`)]).toEqual([sequence, [key, 'text:x']]);
  });

  it('are told from text', () => {
    expect(keysOf('héllo\x01日本👩‍👩‍👧\r')).toEqual(['text:héllo', 'ctrl+a', 'text:日本👩‍👩‍👧', 'enter']);
    expect(keysOf('\x1b[65;2u\x1b[97u')).toEqual(['text:Aa']);
  });

  it('are what the wheel does too, and a window that comes into the foreground is told', () => {
    expect(keysOf('\x1b[<64;10;10M\x1b[<65;1;200Ma\x1b[<68;3;3M')).toEqual([
      'wheelup',
      'wheeldown',
      'text:a',
      'wheelup',
    ]);
    expect(keysOf('\x1b[I\x1b[Ob')).toEqual(['focus:true', 'focus:false', 'text:b']);
  });

  it('let go of are no keys', () => {
    expect(keysOf('\x1b[97;5:3u\x1b[13;1:3u')).toEqual([]);
  });
});

describe('what is no key', () => {
  it('never ends up in the text: answers, mouse, unknown sequences', () => {
    for (const noise of [
      '\x1b]11;rgb:ffff/ffff/ffff\x07',
      '\x1b]11;rgb:0/0/0\x1b\\',
      '\x1bP>|xterm(390)\x1b\\',
      '\x1bP1+r544e\x1b\\',
      '\x1b_Gi=31;OK\x1b\\',
      '\x1b[12;40R',
      '\x1b[?62;22c',
      '\x1b[>41;390;0c',
      '\x1b[?2026;2$y',
      '\x1b[<0;10;10M',
      '\x1b[<64;10;10m',
      '\x1b[<35;10;10M',
      '\x1b[99z',
      '\x1b[1;2;3;4;5;6~',
      '\x1b[201~',
      '\u009b\u0080',
    ])
      expect([noise, keysOf(`a${noise}b`)]).toEqual([noise, ['text:ab']]);
  });

  it('does not swallow what comes after it was broken off', () => {
    expect(keysOf('\x1b[1;\x01a')).toEqual(['ctrl+a', 'text:a']);
    expect(keysOf('\x1b[1;\x1b[Aa')).toEqual(['up', 'text:a']);
    expect(keysOf('\x1b]11;rgb\x1b[Aa')).toEqual(['up', 'text:a']);
    expect(keysOf('\x1b]11;rgb\ra')).toEqual(['enter', 'text:a']);
    expect(keysOf(`\x1b[${'1;'.repeat(5000)}`)).toEqual([]);
    expect(eventsOf([`\x1b[${'1;'.repeat(5000)}`, 'a'])).toEqual([{ type: 'text', text: 'a' }]);
    expect(eventsOf([`\x1b]11;${'x'.repeat(5000)}`, 'a'])).toEqual([{ type: 'text', text: 'a' }]);
  });
});

describe('Escape', () => {
  const inTime = async (input: string): Promise<InputEvent[]> => {
    const stream = new PassThrough();
    const reader = new KeyReader(stream, hurried);
    const events = collect(reader);
    stream.write(input);
    await eventually(() => expect(events).not.toEqual([]));
    reader.close();
    return events;
  };

  it('is the key when nothing follows it', async () => {
    expect(await inTime('\x1b')).toEqual([{ type: 'key', key: 'escape' }]);
    expect(await inTime('\x1b\x1b')).toEqual([
      { type: 'key', key: 'escape' },
      { type: 'key', key: 'escape' },
    ]);
  });

  it('is Alt with a character that also begins a sequence, when the sequence does not go on', async () => {
    expect(await inTime('\x1b[')).toEqual([{ type: 'key', key: 'alt+[' }]);
    expect(await inTime('\x1b]')).toEqual([{ type: 'key', key: 'alt+]' }]);
    expect(await inTime('\x1bO')).toEqual([{ type: 'key', key: 'alt+shift+o' }]);
  });

  it('before Alt with a character is a key of its own', () => {
    expect(keysOf('\x1b\x1ba')).toEqual(['escape', 'alt+a']);
    expect(keysOf('\x1b\x1b\x1b[A')).toEqual(['escape', 'alt+up']);
  });

  it('waits no longer than it was told to, and not at all after close', async () => {
    vi.useFakeTimers();
    try {
      const stream = new PassThrough();
      const reader = new KeyReader(stream, { escapeMs: 50 });
      const events = collect(reader);
      stream.emit('data', '\x1b');
      vi.advanceTimersByTime(49);
      expect(events).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(events).toEqual([{ type: 'key', key: 'escape' }]);
      stream.emit('data', '\x1b');
      reader.close();
      expect(vi.getTimerCount()).toBe(0);
      expect(stream.listenerCount('data')).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('drops a sequence that stops in the middle, and reads on', () => {
    vi.useFakeTimers();
    try {
      const stream = new PassThrough();
      const reader = new KeyReader(stream);
      const events = collect(reader);
      stream.emit('data', '\x1b[1;');
      vi.advanceTimersByTime(60_000);
      stream.emit('data', '5a');
      expect(events).toEqual([{ type: 'text', text: '5a' }]);
      reader.close();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a paste', () => {
  it('is one event, with its lines and without controls', () => {
    expect(eventsOf(['\x1b[200~one\r\ntwo\rthree\n\tfour\x1b[31m\x07\x03\x1b[201~\r'])).toEqual([
      { type: 'paste', text: 'one\ntwo\nthree\n\tfour[31m', cut: false },
      { type: 'key', key: 'enter' },
    ]);
  });

  it('is cut where it is longer than anyone means it to be', () => {
    const [event] = eventsOf(['\x1b[200~', 'x'.repeat(PASTE_CHARS_MAX), 'yz', '\x1b[201~']);
    expect(event).toEqual({ type: 'paste', text: 'x'.repeat(PASTE_CHARS_MAX), cut: true });
  });

  it('is taken as it is when its end never comes, and keys work again', () => {
    vi.useFakeTimers();
    try {
      const stream = new PassThrough();
      const reader = new KeyReader(stream);
      const events = collect(reader);
      stream.emit('data', '\x1b[200~half\x1b[20');
      vi.advanceTimersByTime(60_000);
      stream.emit('data', '\x01');
      expect(events).toEqual([
        { type: 'paste', text: 'half', cut: false },
        { type: 'key', key: 'ctrl+a' },
      ]);
      reader.close();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('however the bytes arrive', () => {
  const piece = fc.oneof(
    fc.constantFrom(...sent.flatMap(([, ...sequences]) => sequences)),
    fc.constantFrom('a', ' ', 'é', '日', '👩‍👩‍👧', '\x1b]11;rgb:1/2/3\x1b\\', '\x1b[<0;1;2M', '\x1b[12;40R'),
    fc
      .array(fc.constantFrom('x', '\r', '\n', '\x1b', '\x1b[20', '日', '~'), { maxLength: 8 })
      .map((parts) => `\x1b[200~${parts.join('')}\x1b[201~`),
  );

  it('the events are the same', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(`${pieces.join('')}.`);
          const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
          const chunks = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
          const whole = eventsOf([bytes]);
          expect(eventsOf(chunks)).toEqual(whole);
          expect(eventsOf(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole);
        },
      ),
    );
  });

  it('no bytes make it throw, or put a control into a text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const event of eventsOf([Buffer.from(bytes)]))
          if (event.type === 'text') expect(event.text).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe('a handler', () => {
  it('that was taken off hears nothing more, and the stream stands still after close', () => {
    const stream = new PassThrough();
    const reader = new KeyReader(stream);
    const heard: InputEvent[] = [];
    const off = reader.onEvent((event) => heard.push(event));
    off();
    stream.emit('data', 'a');
    reader.close();
    expect(heard).toEqual([]);
    expect(stream.isPaused()).toBe(true);
  });
});
