import { describe, expect, it } from 'vitest';
import { textLines, wholeText } from './text-lines.ts';

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? new TextEncoder().encode(part) : part;
}

async function collect(
  input: AsyncIterable<Uint8Array>,
): Promise<{ readonly lines: readonly string[]; readonly fault?: string }> {
  const lines: string[] = [];
  try {
    for await (const { text } of textLines(input)) lines.push(text);
  } catch (error) {
    return { lines, fault: String(error) };
  }
  return { lines };
}

describe('standard input as messages', () => {
  it('gives a line a message and skips empty ones', async () => {
    expect(await collect(chunks('one\n\ntw', 'o\r\n', '\nthree'))).toEqual({
      lines: ['one', 'two', 'three'],
    });
  });

  it('joins a character that was cut between chunks', async () => {
    const bytes = new TextEncoder().encode('grün\n');
    expect(await collect(chunks(bytes.subarray(0, 3), bytes.subarray(3)))).toEqual({ lines: ['grün'] });
  });

  it('stops at a line that is too long, after what came before, and holds no more of it', async () => {
    const { lines, fault } = await collect(chunks('ok\n', 'x'.repeat(10_000), 'x'.repeat(10_000)));
    expect(lines).toEqual(['ok']);
    expect(fault).toContain('line 2 is over 16,384 bytes');
  });

  it('leaves out a byte order mark at the beginning, and nowhere else', async () => {
    expect(await collect(chunks('\ufeffhi\n\ufeffho\n'))).toEqual({ lines: ['hi', '\ufeffho'] });
  });

  it('takes a line of exactly the limit', async () => {
    expect((await collect(chunks(`${'x'.repeat(16_384)}\r\n`))).lines[0]).toHaveLength(16_384);
  });

  it('names a line that is not UTF-8', async () => {
    expect(await collect(chunks('a\nb\n', new Uint8Array([0xff, 0x0a])))).toMatchObject({
      lines: ['a', 'b'],
      fault: expect.stringContaining('line 3 is not UTF-8'),
    });
  });
});

describe('standard input as one message', () => {
  it('keeps its lines, and drops a byte order mark and the last line end', async () => {
    expect(await wholeText(chunks('\ufeffone\n\n', ' two\r\n'))).toBe('one\n\n two');
  });

  it('is refused when it is empty, not UTF-8 or over what a message holds', async () => {
    await expect(wholeText(chunks('\n'))).rejects.toThrow('there is no text on standard input');
    await expect(wholeText(chunks(Uint8Array.of(0xff)))).rejects.toThrow('standard input is not UTF-8');
    expect(await wholeText(chunks(`${'x'.repeat(16_384)}\n`))).toHaveLength(16_384);
    await expect(wholeText(chunks('x'.repeat(16_385)))).rejects.toThrow(/is over 16,384 bytes/);
    await expect(wholeText(chunks('x'.repeat(16_390)))).rejects.toThrow(/is over 16,384 bytes/);
  });
});
