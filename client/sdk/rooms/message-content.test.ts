import { describe, expect, it } from 'vitest';
import { parseFileId } from '../../../src/protocol/ids.ts';
import { encodeContent, parseContent, type SharedFile } from '../../../src/protocol/layouts/content.ts';
import {
  FALLBACK_BYTES_MAX,
  FILES_MAX,
  MENTIONS_MAX,
  TEXT_BYTES_MAX,
  THUMBNAIL_BYTES_MAX,
} from '../../../src/protocol/limits.ts';
import { encode } from '../../../src/protocol/message-pack.ts';
import { messageOf, userIdOf } from '../../../test/support/chat/sample-model.ts';
import {
  editContent,
  isReaction,
  reactContent,
  retractContent,
  shownContent,
  textContent,
  withLife,
} from './message-content.ts';

const { id } = messageOf(1, '');

describe('a text to be sent', () => {
  it('that answers and mentions nobody is of the kind that released clients read', () => {
    for (const wording of [{}, { mentions: [] }])
      expect(encodeContent(textContent('hello', wording))).toEqual(encode([0, 'hello']));
    expect(textContent('hello', { re: id })).toMatchObject({ type: 'message', re: id });
  });

  it('that is to stay says nothing of a life, and one that has its room’s says that', () => {
    expect(textContent('hello', { expires: 0 })).toEqual({ type: 'text', text: 'hello' });
    expect(editContent(id, 'hello', { expires: 0 })).toMatchObject({ body: { text: 'hello' } });
    expect(encodeContent(editContent(id, 'hello', { expires: 0 }))).toEqual(
      encodeContent(editContent(id, 'hello', {})),
    );
    const answer = textContent('hello', { re: id });
    expect(withLife(textContent('hello', {}), 60)).toEqual({ type: 'message', text: 'hello', expires: 60 });
    expect(withLife(answer, 60)).toEqual({ ...answer, expires: 60 });
    expect(withLife(answer, 0)).toEqual(answer);
    expect(withLife(retractContent(id), 60)).toEqual(retractContent(id));
  });

  it('is refused where it is empty, too long, no Unicode, or mentions too many', () => {
    const mentions = Array.from({ length: MENTIONS_MAX + 1 }, (_, at) => userIdOf(at));
    for (const [text, wording] of [
      ['', {}],
      ['x'.repeat(TEXT_BYTES_MAX + 1), {}],
      ['\ud800', {}],
      ['hello', { mentions }],
    ] as const) {
      expect(() => textContent(text, wording)).toThrow(expect.objectContaining({ name: 'ConclaveError' }));
      expect(() => editContent(id, text, wording)).toThrow(
        expect.objectContaining({ name: 'ConclaveError' }),
      );
    }
  });
});

describe('a message with pictures', () => {
  const file: SharedFile = {
    file: parseFileId('0f'.repeat(16)) ?? expect.unreachable(),
    ...{ key: new Uint8Array(32), name: 'a.png', type: 'image/png', size: 1, hash: new Uint8Array(32) },
  };
  const pictures = Array.from({ length: FILES_MAX }, () => ({
    ...file,
    thumbnail: new Uint8Array(THUMBNAIL_BYTES_MAX),
  }));

  it('goes without its thumbnails where text and pictures would not fit into it otherwise', () => {
    const [picture = expect.unreachable()] = pictures;
    expect(textContent('one', { files: [picture] })).toMatchObject({ files: [picture] });
    const plain = pictures.map(() => file);
    expect(textContent('all', { files: pictures })).toEqual({ type: 'message', text: 'all', files: plain });
    expect(editContent(id, 'all', { files: pictures })).toMatchObject({ body: { files: plain } });
    const unfit = { ...file, thumbnail: new Uint8Array(THUMBNAIL_BYTES_MAX + 1) };
    expect(textContent('one', { files: [unfit] })).toMatchObject({ files: [file] });
  });
});

describe('what is done to a message', () => {
  it('says the same to clients that do not know its kind, in few bytes', () => {
    const contents = [
      editContent(id, '漢'.repeat(TEXT_BYTES_MAX / 3), {}),
      retractContent(id),
      reactContent(id, '👍', true),
      reactContent(id, '👍', false),
    ];
    for (const content of contents) {
      const fallback = 'fallback' in content ? (content.fallback ?? '') : '';
      expect(fallback).toMatch(/^\(.+\)/);
      expect(Buffer.byteLength(fallback)).toBeLessThanOrEqual(FALLBACK_BYTES_MAX);
      expect(parseContent(encodeContent(content))).toEqual({ ok: true, content });
    }
  });

  it('of a later kind is shown by what its sender offers instead', () => {
    const shown = (body: unknown) => {
      const parsed = parseContent(encode([9, body]));
      return parsed.ok ? shownContent(parsed.content) : undefined;
    };
    expect(shown({ fallback: '(drew a circle)' })).toMatchObject({ status: 'ok', text: '(drew a circle)' });
    for (const body of [{}, 7, { fallback: 7 }])
      expect(shown(body)).toMatchObject({ text: expect.stringContaining('does not know') });
  });
});

describe('a reaction', () => {
  it.each(['👍', '👍🏽', '❤️', '👩‍👩‍👧', '🇨🇭', '1️⃣', '✓', '+'])('may be %s', (emoji) => {
    expect(isReaction(emoji)).toBe(true);
  });

  it.each(['', 'a', 'ok', '👍👍', '👍 ', ' ', '\n', '\ud83d', '漢', `👍${'\u200d👍'.repeat(8)}`])(
    'is not %j',
    (emoji) => {
      expect(isReaction(emoji)).toBe(false);
    },
  );
});
