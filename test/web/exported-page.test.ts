import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HtmlPage } from '../../client/cli/commands/history-html.ts';
import { withoutMetadata } from '../../client/sdk/files/thumbnail.ts';
import type { TimelineMessage } from '../../client/sdk/rooms/timeline.ts';
import { jpegOfABrowser } from '../support/pictures.ts';
import { OPTIONAL } from '../support/programs/optional.ts';
import { inChromium } from '../support/web/browser.ts';
import { launchChromium } from '../support/web/chromium.ts';

const WIDE = 1_000;
const NARROW = 320;
const LONG = 'W'.repeat(300);
const script = '<script>document.title = "run"</script><img src="/x" onerror="document.title = 1">';

const missing = inChromium.missing();
let browser: Browser;
beforeAll(async () => {
  if (missing === undefined) browser = await launchChromium();
});
afterAll(async () => {
  if (missing === undefined) await browser.close();
});
beforeEach(({ skip }) => skip(missing !== undefined, `${OPTIONAL}${missing}`));

/** What `conclave history --format html` writes of a message with these words in every place that others fill. */
function messageSaying(words: string, more: object = {}): string {
  const page = new HtmlPage({ room: 'Lobby', user: 'Ada', server: `wss://${LONG}.example` });
  const thumbnail = withoutMetadata(jpegOfABrowser);
  const files = [{ file: 'f', name: words, type: words, size: 1, thumbnail }];
  const message = { type: 'message', status: 'ok', seq: 1, at: 0, id: 'a1', user: 'u', from: 'Mallory' };
  const shown = {
    ...{ message, wording: { text: words, files, re: 'b2' }, former: [], edit: undefined },
    ...{ reactions: [{ emoji: words, users: ['u'] }], isRetracted: false, hasDisappeared: false },
    ...more,
  } as unknown as TimelineMessage;
  return page.before + page.message(shown, () => 'Mallory') + page.gap(words) + page.after;
}

test('what people wrote runs nowhere in an exported page, loads nothing, and makes it no wider than the window', async () => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [WIDE, NARROW]) {
      await using context = await browser.newContext({ colorScheme, viewport: { width, height: 600 } });
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.setContent(messageSaying(`${script} ${LONG}`));
      expect(await page.getByText('document.title = "run"').count()).toBeGreaterThan(0);
      expect(await page.title()).toBe('Lobby');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([]);
    }
});

test('what a moderator removed is folded up in an exported page until a reader opens it', async () => {
  await using context = await browser.newContext();
  const page = await context.newPage();
  await page.setContent(messageSaying('buy now', { removal: { from: 'Bob', why: 'no trade' } }));
  const said = page.locator('article p');
  expect(await said.isVisible()).toBe(false);
  await page.getByText('removed by Bob: no trade').click();
  expect(await said.isVisible()).toBe(true);
});

test('what is said of a message in an exported page does not look like a text of its sender', async () => {
  await using context = await browser.newContext();
  const page = await context.newPage();
  const style = async (html: string): Promise<unknown> => {
    await page.setContent(html);
    return page.evaluate('getComputedStyle(document.querySelector("article p")).fontStyle');
  };
  expect(await style(messageSaying('(taken back)'))).toBe('normal');
  expect(await style(messageSaying('', { isRetracted: true, wording: {} }))).toBe('italic');
});
