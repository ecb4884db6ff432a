import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { CliScene } from '../cluster/cli-scene.ts';
import { OPTIONAL } from '../programs/optional.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { PageUser, type PageUserOptions } from './page-user.ts';

export interface Pages {
  /** A gateway of its own, and people with a command line; both end with the test. */
  scene(...names: readonly string[]): Promise<CliScene>;
  /** Somebody with a browser of their own, whose page is open at an address; ends with the test. */
  open(url: string, path?: string, options?: BrowserContextOptions): Promise<PageUser>;
  /** The same, with an account. */
  register(url: string, name: string, options?: PageUserOptions): Promise<PageUser>;
}

/** One Chromium for all tests of a file; without one, they are skipped. To be called where a file describes its tests. */
export function pages(): Pages {
  const hasChromium = chromiumPath() !== undefined;
  let browser: Browser;
  beforeAll(async () => {
    if (hasChromium) browser = await launchChromium();
  });
  afterAll(async () => {
    if (hasChromium) await browser.close();
  });
  beforeEach(({ skip }) => skip(!hasChromium, `${OPTIONAL}Chromium is not installed`));
  const untilTheEnd = <T extends AsyncDisposable>(opened: T): T => {
    onTestFinished(() => opened[Symbol.asyncDispose]());
    return opened;
  };
  return {
    scene: async (...names) => untilTheEnd(await CliScene.open(...names)),
    open: async (url, path, options) => untilTheEnd(await PageUser.open(browser, url, path, options)),
    register: async (url, name, options) => untilTheEnd(await PageUser.register(browser, url, name, options)),
  };
}
