/**
 * npm run docs:page                        takes pictures of the real page in Chromium, in both themes and three widths; the README shows one
 * npm run docs:page -- firefox|webkit      takes them in another engine, to be looked at
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Room } from '../client/sdk/index.ts';
import { startGateway } from '../test/support/cluster/gateway-process.ts';
import { People } from '../test/support/cluster/people.ts';
import { STILL } from '../test/support/web/axe-faults.ts';
import { type Engine, inChromium, inFirefox, inWebKit } from '../test/support/web/browser.ts';
import type { DrivenPage } from '../test/support/web/driven-page.ts';
import { PageUser } from '../test/support/web/page-user.ts';

const PICTURE = 'docs/page.png';
const FOLDER = '.cache';
const sizes = {
  narrow: { width: 390, height: 780 },
  medium: { width: 800, height: 620 },
  wide: { width: 1120, height: 620 },
} as const;

const engines: Readonly<Record<string, Engine<DrivenPage>>> = {
  chromium: inChromium,
  firefox: inFirefox,
  webkit: inWebKit,
};
const [, , engineName = 'chromium'] = process.argv;
const engine = engines[engineName];
if (engine === undefined)
  throw new Error(`no engine is called ${engineName}: ${Object.keys(engines).join(', ')}`);
const missing = engine.missing();
if (missing !== undefined) throw new Error(missing);

const folder = await mkdtemp(join(tmpdir(), 'conclave-page-'));
const browser = await engine.launch();
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
  await using ada = await PageUser.register(await browser.open(), gateway.url, 'ada', {
    path: '/#room=Garden',
  });
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
  // A message that the pointer rests on shows its actions.
  await ada.page.getByRole('heading', { name: 'Lobby', exact: true }).click();
  await mkdir(FOLDER, { recursive: true });
  const picture = (name: string): string => join(FOLDER, `page-${engineName}-${name}.png`);
  for (const [name, size] of Object.entries(sizes))
    for (const theme of ['dark', 'light'] as const) {
      await ada.page.setViewportSize(size);
      await ada.page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      await ada.page.evaluate(`${STILL}.then(() => undefined)`);
      await ada.page.screenshot({ path: picture(`${name}-${theme}`) });
    }
  if (engine === inChromium) await copyFile(picture('wide-light'), PICTURE);
  await ada.input.fill('');
  await ada.page.getByRole('button', { name: /bob/ }).click();
  await ada.page.getByRole('heading', { name: /Safety number/ }).waitFor();
  await ada.page.screenshot({ path: picture('safety-number') });
}

/** Until the others have it: what they answer stands below. */
async function says(user: PageUser<DrivenPage>, text: string, line = text): Promise<void> {
  await user.line(line);
  await user.shows(text);
  await user.log.locator('.echo').waitFor({ state: 'detached' });
}

async function hears(user: PageUser<DrivenPage>, room: Room, text: string): Promise<void> {
  await room.send(text);
  await user.shows(text);
}
