import { expect, test } from 'vitest';
import { ada, messageOf, NOON, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { linksOf } from './links.ts';
import { activeRoom } from './model.ts';
import { echoed, received } from './room-changes.ts';

test('the links of a room are its addresses without what ends a sentence, newest first and each once', () => {
  const model = received(sampleModel(), roomIdOf(0), [
    messageOf(1, 'see https://example.org/a, and (http://example.org/b?c=d#e).'),
    messageOf(2, 'again https://example.org/a! Not ftp://example.org nor https:// nor xhttps://y'),
    messageOf(3, 'https://example.org/forged', { status: 'forged' }),
  ]);
  const timeline = activeRoom(model)?.timeline ?? expect.unreachable();
  expect(linksOf(timeline, 10).map(({ url }) => url)).toEqual([
    'https://example.org/a',
    'http://example.org/b?c=d#e',
  ]);
  expect(linksOf(timeline, 1)).toHaveLength(1);
});

test('a link that was sent just now is there before its message came back', () => {
  const echo = {
    key: 1,
    id: undefined,
    answers: undefined,
    from: ada.user,
    text: 'http://new',
    at: NOON,
    reason: undefined,
  };
  const model = echoed(received(sampleModel(), roomIdOf(0), [messageOf(1, 'http://old')]), roomIdOf(0), {
    ...echo,
    state: 'sent',
  });
  const timeline = activeRoom(model)?.timeline ?? expect.unreachable();
  expect(linksOf(timeline, 10).map(({ url }) => url)).toEqual(['http://new', 'http://old']);
});
