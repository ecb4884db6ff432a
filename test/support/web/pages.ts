import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { CliScene } from '../cluster/cli-scene.ts';
import { OPTIONAL } from '../programs/optional.ts';
import { type Engine, inChromium } from './browser.ts';
import type { Browser, DrivenPage, Seat } from './driven-page.ts';
import { PageUser, type PageUserOptions } from './page-user.ts';

export interface Pages<Driven extends DrivenPage = Page> {
  /** A gateway of its own, and people with a command line; both end with the test. */
  scene(...names: readonly string[]): Promise<CliScene>;
  /** A browser with an empty page; ends with the test. */
  seat(options?: BrowserContextOptions): Promise<Seat<Driven>>;
  /** Somebody with a browser of their own, whose page is open at an address; ends with the test. */
  open(url: string, path?: string, options?: BrowserContextOptions): Promise<PageUser<Driven>>;
  /** The same, with an account. */
  register(url: string, name: string, options?: PageUserOptions): Promise<PageUser<Driven>>;
}

/** One Chromium for all tests of a file; without one, they are skipped. To be called where a file describes its tests. */
export function pages(): Pages {
  return pagesIn(inChromium);
}

/** The same in another browser. */
export function pagesIn<Driven extends DrivenPage>(engine: Engine<Driven>): Pages<Driven> {
  const missing = engine.missing();
  let browser: Browser<Driven>;
  beforeAll(async () => {
    if (missing === undefined) browser = await engine.launch();
  });
  afterAll(async () => {
    if (missing === undefined) await browser.close();
  });
  beforeEach(({ skip }) => skip(missing !== undefined, `${OPTIONAL}${missing}`));
  const untilTheEnd = <T extends AsyncDisposable>(opened: T): T => {
    onTestFinished(() => opened[Symbol.asyncDispose]());
    return opened;
  };
  const seat = async (options?: BrowserContextOptions): Promise<Seat<Driven>> =>
    untilTheEnd(await browser.open(options));
  return {
    seat,
    scene: async (...names) => untilTheEnd(await CliScene.open(...names)),
    open: async (url, path, options) => PageUser.open(await seat(options), url, path),
    register: async (url, name, options) => PageUser.register(await seat(), url, name, options),
  };
}
