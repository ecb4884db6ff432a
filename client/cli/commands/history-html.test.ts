import { expect, test } from 'vitest';
import { parseFileId, parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { animatedWebp, jpegOfABrowser, png } from '../../../test/support/pictures.ts';
import { withoutMetadata } from '../../sdk/files/thumbnail.ts';
import type { TimelineMessage } from '../../sdk/rooms/timeline.ts';
import { HtmlPage } from './history-html.ts';

const page = new HtmlPage({ room: 'Lobby', user: 'Ada', server: 'wss://chat.example.org' });
const id = '00112233445566778899aabbccddeeff';
const jpeg = withoutMetadata(jpegOfABrowser);

function parsed<T>(value: T | undefined): T {
  return value ?? expect.unreachable();
}

function fileWith(thumbnail: Uint8Array, name = 'picture'): SharedFile {
  return {
    file: parsed(parseFileId(id)),
    key: new Uint8Array(32),
    name,
    size: 100_000,
    type: 'image/jpeg',
    hash: new Uint8Array(32),
    width: 100_000,
    height: 100_000,
    thumbnail,
  };
}

function messageWith(files: readonly SharedFile[], more: Partial<TimelineMessage> = {}): string {
  const user = parsed(parseUserId(id));
  const message = {
    ...{ type: 'message', status: 'ok', seq: 1, at: 0, id: parsed(parseMessageId(id)) },
    ...{ user, from: 'Mallory', trust: 'pinned', text: 'look', files },
  } as unknown as TimelineMessage['message'];
  const shown: TimelineMessage = {
    message,
    wording: { text: 'look', files },
    former: [],
    edit: undefined,
    removal: undefined,
    reactions: [],
    isRetracted: false,
    hasDisappeared: false,
    ...more,
  };
  return page.message(shown, String);
}

/** What a browser would load or draw. */
const picturesIn = (html: string): readonly string[] =>
  html.match(/<img[^>]*>|<svg|<object|<iframe|url\(/g) ?? [];

test('the page allows pictures that are in it, and nothing else', () => {
  const [policy] = page.before.match(/(?<=Content-Security-Policy" content=")[^"]*/) ?? [];
  expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
});

test('a thumbnail is in the page as what it was found to be, in its own size', () => {
  expect(picturesIn(messageWith([fileWith(jpeg), fileWith(png(8, 6))]))).toEqual([
    `<img src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}" width="8" height="6" alt="picture">`,
    `<img src="data:image/png;base64,${Buffer.from(png(8, 6)).toString('base64')}" width="8" height="6" alt="picture">`,
  ]);
});

test.each([
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
  [
    'an SVG that begins as a JPEG does',
    Buffer.concat([jpeg.subarray(0, 4), Buffer.from('<svg onload="alert(1)"/>')]),
  ],
  ['an SVG behind a JPEG', Buffer.concat([jpeg, Buffer.from('<svg onload="alert(1)"/>')])],
  ['a GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')],
  ['an animation', animatedWebp],
  ['a picture that would fill the memory', png(30_000, 30_000)],
  ['a picture with a place and a date in it', jpegOfABrowser],
  ['half a picture', jpeg.subarray(0, jpeg.length / 2)],
  ['more than a message may hold', Buffer.alloc(100_000, jpeg)],
  ['nothing', new Uint8Array(0)],
])('%s as a thumbnail is left out, and the file is still named', (_, thumbnail) => {
  const html = messageWith([fileWith(thumbnail)]);
  expect(picturesIn(html)).toEqual([]);
  expect(html).toContain('picture');
});

test('the name of a picture ends no attribute', () => {
  const [picture] = picturesIn(messageWith([fileWith(jpeg, '" onerror="alert(1)\u001b')]));
  expect(picture).toContain('alt="&quot; onerror=&quot;alert(1)&lt;U+001B&gt;"');
});

test('the thumbnail of what a moderator removed is not in the page', () => {
  const removal = { from: 'Bob' } as unknown as TimelineMessage['removal'];
  expect(picturesIn(messageWith([fileWith(jpeg)], { removal }))).toEqual([]);
});
