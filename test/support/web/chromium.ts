import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's; another by the environment variable CHROMIUM. */
const CHROMIUM = '/usr/bin/chromium';

/** Where there is a Chromium; undefined: it is not installed. */
export function chromiumPath(): string | undefined {
  const path = process.env['CHROMIUM'] ?? CHROMIUM;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** Rejects with what would help when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined)
    throw new Error('Chromium is missing: install it (apt-get install chromium), or name it in CHROMIUM');
  // Root may not use its sandbox; what it shows is our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
