import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Downloaded, Seat } from './driven-page.ts';
import { UNREACHABLE } from './unreachable.ts';

/** As long as other tests wait for what has to come. */
const DEADLINE_MS = 40_000;

/** A context of Chromium or Firefox. */
export class PlaywrightSeat implements Seat<Page> {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (!UNREACHABLE.test(message.text())) this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<PlaywrightSeat> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(DEADLINE_MS);
    return new PlaywrightSeat(context, await context.newPage());
  }

  newTab(): Promise<Page> {
    return this.#context.newPage();
  }

  async downloaded(act: () => Promise<void>): Promise<Downloaded> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
    return { name: download.suggestedFilename(), path: await download.path() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
