import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { Pages } from '../support/web/pages.ts';

/** All that was said in the Lobby, as Carol's command line tells of it. */
function lobbyOf(stage: CliScene, ...options: readonly string[]): Promise<CliResult> {
  return stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json', ...options);
}

/** What people do with the page in any browser. */
export function pageJourneys<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test('says that the gateway is away, and sends what was written meanwhile once it is back', async () => {
    const stage = await CliScene.with({ PORT: String(await freePort()) });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    await stage.done('carol', 'register', 'carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await stage.gateway.kill();
    await ada.page.getByText(/offline, next try in/).waitFor();
    await ada.line('/join Other');
    await ada.page.getByText("Not connected, so /join can't run now.").waitFor();
    await ada.page.keyboard.type('written meanwhile');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('1 pending').waitFor();
    await stage.restart();
    await ada.page
      .getByText(/● connected/)
      .first()
      .waitFor();
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['written meanwhile']));
    await ada.page.getByText('1 pending').waitFor({ state: 'detached' });
  });

  test('is open in one tab at a time, and moves to another on request or when that one is closed', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const second = await ada.newTab();
    await second.goto(ada.page.url());
    await second.getByRole('heading', { name: 'ada is open in another tab' }).waitFor();
    await second.getByRole('button', { name: 'Go on here' }).click();
    await second.getByText(/^open room/).waitFor();
    await ada.page.getByRole('heading', { name: 'ada is open in another tab' }).waitFor();
    await second.locator('#input').fill('from the second tab');
    await second.locator('#input').press('Enter');
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['from the second tab']));
    await second.goto('about:blank');
    await ada.shows('from the second tab');
    await ada.line('and from the first');
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toContain('and from the first'));
  });

  test('gives its account to the command line as a file, and takes one from it', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.page.getByLabel('Menu').click();
    await ada.button('Save an account file …').click();
    await ada.button('Close').click();
    await ada.answer('Choose a passphrase for the keys of ada', '');
    const { path: file } = await ada.downloaded(() => ada.button('yes, without').click());
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

  test.each([
    ['wrapped for each reader', []],
    ['under keys of epochs', ['--suite', '2']],
  ])(
    'answers, reacts, changes and takes back as a terminal does, in a room of messages %s',
    async (_, options) => {
      const stage = await web.scene('carol');
      await stage.done('carol', 'create', 'Lobby', ...options);
      const ada = await web.register(stage.gateway.url, 'ada', {
        path: '/#room=Lobby',
        passphrase: 'four unlikely words here',
      });
      await ada.isIn('Lobby');
      await stage.done('carol', 'send', 'Lobby', 'lunch at one?');
      await ada.shows('lunch at one?');
      await ada.line('/reply gladly');
      await ada.shows('gladly');
      await ada.log.locator('.echo').waitFor({ state: 'detached' });
      await ada.line('/edit gladly, at two');
      await ada.shows('gladly, at two');
      await eventually(async () => {
        const told = (await lobbyOf(stage)).json.filter(({ text }) => text !== undefined);
        const id = told[0]?.['id'] ?? expect.unreachable();
        expect(told).toMatchObject([
          { type: 'message', text: 'lunch at one?' },
          { type: 'message', text: 'gladly', re: id },
          { type: 'edit', text: 'gladly, at two', of: told[1]?.['id'] },
        ]);
      });
      await stage.done('carol', 'react', 'Lobby', 'last', '👍');
      await ada.page.getByRole('button', { name: '👍: 1 reaction by carol' }).waitFor();
      await stage.done('carol', 'send', 'Lobby', 'two it is', '--reply', 'last');
      await ada.log.locator('.quoted').filter({ hasText: 'gladly, at two' }).waitFor();
      await ada.line('/react ❤');
      await ada.page.getByRole('button', { name: /^❤: 1 reaction by ada/ }).waitFor();
      await ada.line('never mind');
      await ada.shows('never mind');
      await ada.log.locator('.echo').waitFor({ state: 'detached' });
      await ada.line('/retract');
      await ada.button('take it back').click();
      await ada.log.getByText('took this message back').waitFor();

      await ada.page.reload();
      await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'four unlikely words here');
      await ada.shows('gladly, at two');
      await ada.page.getByRole('button', { name: /^❤: 1 reaction by ada/ }).waitFor();
      await ada.log.getByText('took this message back').waitFor();
      await stage.done('carol', 'send', 'Lobby', 'welcome back');
      await ada.shows('welcome back');
      expect(ada.complaints).toEqual([]);
    },
  );

  test('sends files to a terminal, and saves those that come from one', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const [sent, saved] = [randomBytes(300_000), randomBytes(20_000)];
    const plan = join(stage.folder, 'given', 'plan.bin');
    mkdirSync(dirname(plan));
    writeFileSync(plan, sent);
    await ada.page.getByLabel('Send files').setInputFiles(plan);
    await ada.button('send it').click();
    await eventually(async () => {
      await lobbyOf(stage, '--save-files', stage.folder);
      expect(readFileSync(join(stage.folder, 'plan.bin')).equals(sent)).toBe(true);
    });

    const file = join(stage.folder, 'notes.bin');
    writeFileSync(file, saved);
    await stage.done('carol', 'send', 'Lobby', 'here they are', '--file', file);
    await ada.shows('here they are');
    const download = await ada.downloaded(() => ada.button('Save notes.bin').click());
    expect(download.name).toBe('notes.bin');
    expect(readFileSync(download.path).equals(saved)).toBe(true);
    expect(ada.complaints).toEqual([]);
  });

  test('offers to take back a message that has disappeared here, which others may not have seen', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('/disappear 10s');
    await ada.line('the code is 4711');
    await ada.shows('this message has disappeared');
    await ada.log.locator('article').last().focus();
    expect(await ada.log.locator('.actions button').count()).toBe(1);
    await ada.button('take back').click();
    await ada.button('take it back').click();
    await ada.log.getByText('took this message back').waitFor();
    expect(ada.complaints).toEqual([]);
  });

  test('shows what an edited message said before, and removes one of somebody else for whoever owns the room', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada');
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    await stage.done('carol', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'buy one');
    await stage.done('carol', 'edit', 'Lobby', 'last', 'buy two');
    await ada.shows('buy two');
    await ada.log.locator('article').last().focus();
    await ada.button('earlier versions').click();
    const earlier = ada.page.getByRole('dialog', { name: 'Earlier versions of a message by carol' });
    await earlier.getByText('buy one').waitFor();
    await ada.page.keyboard.press('Escape');
    await earlier.waitFor({ state: 'detached' });
    await ada.log.locator('article').last().focus();
    await ada.button('remove').click();
    await ada.button('remove it').click();
    await ada.log.getByText(/removed by ada/).waitFor();
    expect(ada.complaints).toEqual([]);
  });

  test('offers to remove what is shown already as soon as its reader becomes a moderator', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await stage.done('carol', 'send', 'Lobby', 'buy one');
    await ada.shows('buy one');
    await ada.log.locator('article').last().focus();
    await ada.button('reply').waitFor();
    expect(await ada.button('remove').count()).toBe(0);
    await stage.done('carol', 'room', 'grant', 'Lobby', 'ada');
    await ada.button('remove').waitFor();
  });

  test('asks about a link once, whatever the answer is', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.open(stage.gateway.url);
    await ada.makeAccount('ada');
    await ada.page.goto(new URL('/?again#room=Lobby', ada.page.url()).href);
    const question = ada.page.getByRole('dialog', { name: 'Join Lobby?' });
    await question.waitFor();
    await ada.page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await eventually(async () => expect(await ada.page.evaluate('location.hash')).toBe(''));
    await ada.page.reload();
    await ada.page
      .getByText(/● connected/)
      .first()
      .waitFor();
    await ada.line('/rooms');
    await ada.page.getByText('Lobby').first().waitFor();
    expect(await question.count()).toBe(0);
  });

  test('goes on when somebody goes back to it', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.page.goto(new URL('/?again', ada.page.url()).href);
    await ada.isIn('Lobby');
    await ada.page.evaluate('history.back()');
    await eventually(async () => expect(await ada.page.evaluate('location.search')).toBe(''));
    await ada.isIn('Lobby');
    await ada.line('back again');
    await eventually(async () => expect(textsOf(await lobbyOf(stage))).toEqual(['back again']));
  });
}
