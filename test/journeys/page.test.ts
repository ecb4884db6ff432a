import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';
import { pages } from '../support/web/pages.ts';

/** All that was said in the Lobby, as Carol's command line tells of it. */
function lobbyOf(stage: CliScene, ...options: readonly string[]): Promise<CliResult> {
  return stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json', ...options);
}

describe('the page of a gateway', () => {
  const web = pages();

  test('says that the gateway is away, and sends what was written meanwhile once it is back', async () => {
    const stage = await CliScene.with({ PORT: String(await freePort()) });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    await stage.done('carol', 'register', 'carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
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
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const second = await ada.page.context().newPage();
    await second.goto(ada.page.url());
    await second.getByRole('heading', { name: 'ada is open in another tab' }).waitFor();
    await second.getByRole('button', { name: 'Go on here' }).click();
    await second.getByText(/^open room/).waitFor();
    await ada.page.getByText('ada was opened in another tab.').waitFor();
    await second.locator('#input').fill('from the second tab');
    await second.locator('#input').press('Enter');
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['from the second tab']));
  });

  test('gives its account to the command line as a file, and takes one from it', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
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
    const carol = await web.open(stage.gateway.url);
    await carol.page.locator('input[type=file]').setInputFiles(back);
    await carol.answer('Passphrase of the account file', '');
    await carol.answer('Choose a passphrase for the keys of carol', '');
    await carol.button('yes, without').click();
    await carol.button('Open carol').click();
    await carol.shows('with the same keys');
  });

  test('sends files to a terminal, and saves those that come from one', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
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
});
