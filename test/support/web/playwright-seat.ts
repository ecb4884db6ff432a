import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Seat } from './driven-page.ts';
import { UNREACHABLE } from './unreachable.ts';

/** As long as other tests wait for what has to come. */
const DEADLINE_MS = 40_000;

/** A context of Chromium or Firefox. */
export async function playwrightSeat(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Seat<Page>> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(DEADLINE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (!UNREACHABLE.test(message.text())) complaints.push(message.text());
  });
  return {
    page,
    complaints,
    newTab: () => context.newPage(),
    downloaded: async (act) => {
      const [download] = await Promise.all([page.waitForEvent('download'), act()]);
      return { name: download.suggestedFilename(), path: await download.path() };
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
