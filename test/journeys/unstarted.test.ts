import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { welcome } from '../../client/texts/english/web/page.ts';
import { unstarted as english } from '../../client/texts/english/web/unstarted.ts';
import { unstarted as german } from '../../client/texts/german/unstarted.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import { pages } from '../support/web/pages.ts';

/** As long as a slow connection has. */
const SHOWN_AFTER_MS = 10_000;
const sentences = [english.missing, german.missing] as const;

const missing = (route: Route): Promise<void> => route.fulfill({ status: 404, body: '' });

/** Whether the sentences can be seen that long after the page was opened. */
function isSeenAfter(page: Page, ms: number): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const box = document.querySelector('#unstarted');
    const [appearing] = box.getAnimations();
    appearing.pause();
    appearing.currentTime = ${ms};
    return box.checkVisibility({ visibilityProperty: true });
  })()`);
}

describe('a page that cannot start', () => {
  const web = pages();

  test.each([
    ['its script', /\/main-\w+\.js$/],
    ['a part that its script begins with', /\/part-\w+\.js$/],
  ])(
    'says in both languages what to do, after a while, when %s is missing on the server',
    async (_, lost) => {
      const stage = await web.scene();
      const { page } = await web.seat();
      await page.route(lost, missing);
      await page.goto(stage.gateway.url.replace(/^ws/, 'http'));
      for (const sentence of sentences) await page.getByText(sentence, { exact: true }).waitFor();
      expect(await page.getByText(sentences[1]).getAttribute('lang')).toBe('de');
      await page.setViewportSize({ width: 320, height: 480 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      expect(await axeFaults(page)).toEqual([]);
      expect(await isSeenAfter(page, SHOWN_AFTER_MS - 1)).toBe(false);
      expect(await isSeenAfter(page, SHOWN_AFTER_MS)).toBe(true);

      // The server has it again.
      await page.unroute(lost);
      await page.reload();
      await page.getByRole('button', { name: 'New account' }).waitFor();
      expect(await page.locator('#unstarted').count()).toBe(0);
    },
  );

  test('says what to do, and asks for nothing, where it came over a network without TLS', async () => {
    const stage = await web.scene();
    const { page } = await web.seat();
    // No name of this machine: browsers offer no encryption to such a page.
    const insecure = 'http://chat.example.org';
    await page.route(`${insecure}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({
        response: await route.fetch({ url: stage.gateway.url.replace(/^ws/, 'http') + pathname }),
      });
    });
    await page.goto(`${insecure}/`);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await page.getByText(welcome.insecure, { exact: true }).waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.locator('#unstarted').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
  });

  test('says in both languages that it needs JavaScript, and nothing else, where there is none', async () => {
    const stage = await web.scene();
    const { page } = await web.seat({ javaScriptEnabled: false });
    await page.goto(stage.gateway.url.replace(/^ws/, 'http'));
    for (const sentence of [english.no_script, german.no_script])
      await page.getByText(sentence, { exact: true }).waitFor();
    await page.locator('#unstarted').waitFor({ state: 'hidden' });
    expect(await page.evaluate("getComputedStyle(document.querySelector('#unstarted')).display")).toBe(
      'none',
    );
  });
});
