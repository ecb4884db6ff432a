import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { OPTIONAL } from '../support/programs/optional.ts';
import { freePort } from '../support/services/server-process.ts';
import { chromiumPath, launchChromium } from '../support/web/chromium.ts';
import { PageUser, type PageUserOptions } from '../support/web/page-user.ts';

const hasChromium = chromiumPath() !== undefined;
let browser: Browser;

beforeAll(async () => {
  if (hasChromium) browser = await launchChromium();
});
afterAll(async () => {
  if (hasChromium) await browser.close();
});

async function scene(...names: readonly string[]): Promise<CliScene> {
  const opened = await CliScene.open(...names);
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

async function register({ gateway }: CliScene, name: string, options?: PageUserOptions): Promise<PageUser> {
  const user = await PageUser.register(browser, gateway.url, name, options);
  onTestFinished(() => user[Symbol.asyncDispose]());
  return user;
}

/** All that was said in the Lobby, as Carol's command line tells of it. */
function lobbyOf(stage: CliScene, ...options: readonly string[]): Promise<CliResult> {
  return stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json', ...options);
}

/** What axe finds in what is shown. */
async function axeFaults(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + failureSummary).join(' | ')))",
  );
}

describe('the page of a gateway', () => {
  beforeEach(({ skip }) => skip(!hasChromium, `${OPTIONAL}Chromium is not installed`));

  test('talks with a terminal and another page, and is there again after a reload', async () => {
    const stage = await scene('carol');
    const ada = await register(stage, 'ada', { passphrase: 'four unlikely words here' });
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    const bob = await register(stage, 'bob', { path: '/#room=Lobby' });
    await stage.done('carol', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'from the terminal');
    for (const each of [ada, bob]) await each.shows('from the terminal');
    await bob.line('from the other page');
    await ada.shows('from the other page');
    await ada.line('from the first page');
    await bob.shows('from the first page');
    expect(textsOf(await lobbyOf(stage))).toEqual([
      'from the terminal',
      'from the other page',
      'from the first page',
    ]);

    await ada.page.reload();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'not this one');
    await ada.page.getByText('wrong passphrase').waitFor();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'four unlikely words here');
    await ada.shows('from the other page');
    expect([ada.complaints, bob.complaints]).toEqual([[], []]);
  });

  test('does nothing that a hostile text asks for, and keeps its own policy', async () => {
    const stage = await scene('mallory');
    await stage.done('mallory', 'create', 'Lobby');
    const hostile = [
      '<img src=x onerror="globalThis.hurt = 1">',
      '</p></article><script>globalThis.hurt = 1</script>',
      '<a href="javascript:globalThis.hurt = 1">javascript:globalThis.hurt=1</a>',
      '\u202egnp.exe\u202c <svg onload=globalThis.hurt=1>',
      'https://example.org/"onmouseover="globalThis.hurt=1',
    ];
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await ada.page.evaluate(
      "globalThis.broken = []; document.addEventListener('securitypolicyviolation', ({ blockedURI, violatedDirective }) => broken.push(violatedDirective + ' ' + blockedURI))",
    );
    await ada.isIn('Lobby');
    for (const text of hostile) await stage.done('mallory', 'send', 'Lobby', text);
    await ada.shows('<img src=x onerror="globalThis.hurt = 1">');
    await ada.shows('</p></article><script>globalThis.hurt = 1</script>');
    await eventually(async () => expect(await ada.log.locator('article').count()).toBe(hostile.length));
    expect(await ada.page.evaluate('globalThis.hurt')).toBeUndefined();
    expect(await ada.page.evaluate('globalThis.broken')).toEqual([]);
    expect(await ada.page.locator('img, script:not([src]), [onerror], [onload], [onmouseover]').count()).toBe(
      0,
    );
    const links = await ada.log
      .locator('a')
      .evaluateAll((all) => all.map((link) => Reflect.get(link, 'href')));
    expect(links).toEqual(['https://example.org/']);
    // An element that somebody smuggled in would not run either.
    await expect(
      ada.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hurt=1>')"),
    ).rejects.toThrow('TrustedHTML');
    expect(await ada.page.evaluate('globalThis.hurt')).toBeUndefined();
  });

  test('says that the gateway is away, and sends what was written meanwhile once it is back', async () => {
    const stage = await CliScene.with({ PORT: String(await freePort()) });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    await stage.done('carol', 'register', 'carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await stage.gateway.kill();
    await ada.page.getByText(/offline, next try in/).waitFor();
    await ada.line('written meanwhile');
    await ada.page.getByText('1 pending').waitFor();
    await stage.restart();
    await ada.page
      .getByText(/● connected/)
      .first()
      .waitFor();
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['written meanwhile']));
    await ada.page.getByText('1 pending').waitFor({ state: 'detached' });
  });

  test('is open in one tab at a time, and goes on in the one where somebody wants it', async () => {
    const stage = await scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const second = await ada.page.context().newPage();
    await second.goto(ada.page.url());
    await second.getByRole('heading', { name: 'ada is open in another tab' }).waitFor();
    await second.getByRole('button', { name: 'Go on here' }).click();
    await second.locator('#input').waitFor();
    await ada.page.getByText('ada was opened in another tab.').waitFor();
    await second.locator('#input').fill('from the second tab');
    await second.locator('#input').press('Enter');
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['from the second tab']));
  });

  test('gives its account to the command line as a file, and takes one from it', async () => {
    const stage = await scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await ada.page.getByLabel('Menu').click();
    await ada.button('Save an account file …').click();
    await ada.button('Close').click();
    const saving = ada.page.waitForEvent('download');
    await ada.answer('Choose a passphrase for the keys of ada', '');
    await ada.button('yes, without').click();
    const file = join(stage.folder, 'ada.conclave');
    await (await saving).saveAs(file);
    expect(await stage.alone('other', 'import', file)).toMatchObject({ code: 0 });
    expect(await stage.alone('other', 'send', 'Lobby', 'with the same keys')).toMatchObject({ code: 0 });
    await ada.shows('with the same keys');

    const back = join(stage.folder, 'carol.conclave');
    await stage.done('carol', 'export', back);
    const carol = await PageUser.open(browser, stage.gateway.url);
    onTestFinished(() => carol[Symbol.asyncDispose]());
    await carol.page.locator('input[type=file]').setInputFiles(back);
    await carol.answer('Passphrase of the account file', '');
    await carol.answer('Choose a passphrase for the keys of carol', '');
    await carol.button('yes, without').click();
    await carol.button('Open carol').click();
    await carol.shows('with the same keys');
  });

  test('sends files to a terminal, and saves those that come from one', async () => {
    const stage = await scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const [sent, saved] = [randomBytes(300_000), randomBytes(20_000)];
    await ada.page
      .getByLabel('Send files')
      .setInputFiles({ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: sent });
    await ada.button('send it').click();
    await eventually(async () => {
      await lobbyOf(stage, '--save-files', stage.folder);
      expect(readFileSync(join(stage.folder, 'plan.bin')).equals(sent)).toBe(true);
    });

    const file = join(stage.folder, 'notes.bin');
    writeFileSync(file, saved);
    await stage.done('carol', 'send', 'Lobby', 'here they are', '--file', file);
    await ada.shows('here they are');
    const saving = ada.page.waitForEvent('download');
    await ada.button('Save notes.bin').click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('notes.bin');
    expect(readFileSync(await download.path()).equals(saved)).toBe(true);
    expect(ada.complaints).toEqual([]);
  });

  test('has nothing that axe finds fault with, in either theme, with a list open and without', async () => {
    const stage = await scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'see https://example.org, Ada');
    const ada = await register(stage, 'ada', { path: '/#room=Lobby' });
    await stage.done('carol', 'send', 'Lobby', 'hello ada');
    await ada.shows('hello ada');
    await ada.line('hello carol');
    await ada.shows('hello carol');
    for (const colorScheme of ['light', 'dark'] as const) {
      await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFaults(ada.page)).toEqual([]);
    }
    await ada.line('/help');
    await ada.page.getByRole('listbox').waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.setViewportSize({ width: 320, height: 640 });
    expect(await axeFaults(ada.page)).toEqual([]);
    expect(await ada.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  });
});
