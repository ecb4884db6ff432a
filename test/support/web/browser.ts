import { existsSync } from 'node:fs';
import { firefox, type Page } from 'playwright-core';
import { findInPath } from '../programs/find-in-path.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import type { Browser, DrivenPage } from './driven-page.ts';
import { playwrightSeat } from './playwright-seat.ts';
import { MINI_BROWSER } from './webkit/mini-browser.ts';
import { launchWebKit } from './webkit/webkit.ts';

export interface Engine<Driven extends DrivenPage> {
  /** Why it can't be had on this machine. */
  missing(): string | undefined;
  launch(): Promise<Browser<Driven>>;
}

const FIREFOX_BRIDGE = new URL('firefox-bridge.mjs', import.meta.url).pathname;

async function byPlaywright(launched: ReturnType<typeof firefox.launch>): Promise<Browser<Page>> {
  const browser = await launched;
  return {
    open: (options) => playwrightSeat(browser, options),
    close: () => browser.close(),
  };
}

export const inChromium: Engine<Page> = {
  missing: () =>
    chromiumPath() === undefined ? 'Chromium is not installed (apt-get install chromium)' : undefined,
  launch: () => byPlaywright(launchChromium()),
};

/** Debian's, over WebDriver BiDi. */
export const inFirefox: Engine<Page> = {
  missing: () =>
    findInPath('firefox-esr') === undefined
      ? 'Firefox is not installed (apt-get install firefox-esr)'
      : undefined,
  launch: () => byPlaywright(firefox.launch({ executablePath: FIREFOX_BRIDGE, channel: 'moz-firefox' })),
};

/** Debian's WebKitGTK, on an X server without a screen. */
export const inWebKit: Engine<DrivenPage> = {
  missing: () =>
    findInPath('WebKitWebDriver') === undefined ||
    findInPath('Xvfb') === undefined ||
    !existsSync(MINI_BROWSER)
      ? 'WebKitGTK is not installed (apt-get install webkit2gtk-driver xvfb)'
      : undefined,
  launch: launchWebKit,
};
