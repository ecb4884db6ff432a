/** npm run docs:page: takes pictures of the real page in Chromium, in both themes, wide and narrow; the README shows one. */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Room } from '../client/sdk/index.ts';
import { startGateway } from '../test/support/cluster/gateway-process.ts';
import { People } from '../test/support/cluster/people.ts';
import { launchChromium } from '../test/support/web/chromium.ts';
import { PageUser } from '../test/support/web/page-user.ts';

const PICTURE = 'docs/page.png';
const FOLDER = '.cache';
const sizes = { narrow: { width: 390, height: 780 }, wide: { width: 1120, height: 620 } } as const;

const folder = await mkdtemp(join(tmpdir(), 'conclave-page-'));
const browser = await launchChromium();
try {
  await takePictures();
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function takePictures(): Promise<void> {
  await using gateway = await startGateway({ DATA_DIR: join(folder, 'data') });
  await using people = new People();
  const [bob, carol] = [
    await people.register('bob', gateway.url),
    await people.register('carol', gateway.url),
  ];
  await bob.client.create('Lobby');
  await carol.client.join('Lobby');
  await carol.client.create('Garden');
  const [bobs, carols, garden] = [
    await bob.client.room('Lobby'),
    await carol.client.room('Lobby'),
    await carol.client.room('Garden'),
  ];
  await using ada = await PageUser.register(browser, gateway.url, 'ada', { path: '/#room=Garden' });
  await ada.isIn('Garden');
  await ada.line('/join Lobby');
  await ada.isIn('Lobby');
  await hears(ada, bobs, 'welcome! the gateway on the second machine is up as well');
  await says(ada, 'thank you. both behind the same address?');
  await hears(ada, bobs, 'yes: any node takes any client, and what is acknowledged is stored');
  await hears(ada, carols, 'and neither of them can read a word of it');
  // Not by its name: an offer to complete it may come before Enter does, and take that.
  await ada.line('/react ❤');
  await ada.page.getByRole('button', { name: /: 1 reaction/ }).waitFor();
  await says(ada, 'so I read in SECURITY.md', '/reply so I read in SECURITY.md');
  await carols.send('@ada there is more at https://example.org/protocol');
  await ada.shows('https://example.org/protocol');
  await garden.send('the tomatoes are in');
  await ada.page.getByText('1 unread').waitFor({ state: 'attached' });
  await ada.input.fill('have a look at the');
  // Where a dialog was closed by a click, the pointer would show the actions of a message.
  await ada.page.mouse.move(0, 0);
  await mkdir(FOLDER, { recursive: true });
  for (const [name, size] of Object.entries(sizes))
    for (const colorScheme of ['dark', 'light'] as const) {
      await ada.page.setViewportSize(size);
      await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await ada.page.screenshot({ path: join(FOLDER, `page-${name}-${colorScheme}.png`) });
    }
  await copyFile(join(FOLDER, 'page-wide-light.png'), PICTURE);
  await ada.input.fill('');
  await ada.page.getByRole('button', { name: /bob/ }).click();
  await ada.page.getByRole('heading', { name: /Safety number/ }).waitFor();
  await ada.page.screenshot({ path: join(FOLDER, 'page-safety-number.png') });
}

/** Until the others have it: what they answer stands below. */
async function says(user: PageUser, text: string, line = text): Promise<void> {
  await user.line(line);
  await user.shows(text);
  await user.log.locator('.echo').waitFor({ state: 'detached' });
}

async function hears(user: PageUser, room: Room, text: string): Promise<void> {
  await room.send(text);
  await user.shows(text);
}
