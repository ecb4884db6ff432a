import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CliScene, textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

const PASSPHRASE = 'four unlikely words here';
const CODE = /(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}/;

/** What has the focus, in its own words. */
const FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

/** Somebody who has a keyboard and nothing else, and types where the focus is. */
class Typist {
  readonly user: PageUser;
  readonly page: Page;

  constructor(user: PageUser) {
    this.user = user;
    this.page = user.page;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** With Tab, until the focus is on what has this name. */
  async tabTo(name: string): Promise<void> {
    await eventually(async () => {
      await this.press('Tab');
      expect(await this.page.evaluate(FOCUSED)).toBe(name);
    });
  }

  /** Whatever a question has the focus on takes it. */
  async answer(question: string | RegExp, text: string): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: question });
    await dialog.locator(':focus').waitFor();
    await this.page.keyboard.type(text);
    await this.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** A line in the input, where the focus is while nothing else has it. */
  async line(text: string): Promise<void> {
    await this.page.locator('#input:focus').waitFor();
    await this.page.keyboard.type(text);
    await this.press('Enter');
  }

  /** The field for files is beside the input; what the browser asks there is its own. */
  async choose(file: string): Promise<void> {
    await this.page.locator('#input:focus').waitFor();
    await this.tabTo('Send files');
    await this.page.getByLabel('Send files').setInputFiles(file);
  }
}

describe('the first day of somebody without a pointer', () => {
  const web = pages();

  test('goes from a new account to a room with a terminal, over a lost gateway and a lost browser, to a phone', async () => {
    const stage = await CliScene.with({ PORT: String(await freePort()) });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    await stage.done('carol', 'register', 'carol');
    const lobby = (...options: readonly string[]) =>
      stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json', ...options);
    const ada = new Typist(await web.open(stage.gateway.url));

    await ada.page.getByRole('button', { name: 'New account' }).waitFor();
    await ada.tabTo('New account');
    await ada.press('Enter');
    await ada.answer('Choose a user name', 'ada');
    await ada.answer('Choose a passphrase for the keys of ada', PASSPHRASE);
    await ada.answer('Repeat the passphrase', PASSPHRASE);
    await ada.page.getByRole('dialog', { name: 'You are ada' }).locator(':focus').waitFor();
    await ada.tabTo('make a backup');
    await ada.press('Enter');
    const sheet = ada.page.getByRole('dialog', { name: /^Recovery code of ada at/ });
    const code = CODE.exec((await sheet.textContent()) ?? '')?.[0] ?? expect.unreachable();
    await ada.press('Escape');

    await ada.line('/create Lobby');
    await ada.user.isIn('Lobby');
    await stage.done('carol', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'lunch at one?');
    await ada.user.shows('lunch at one?');
    await ada.line('/reply gladly');
    await ada.line('/react 👍');
    await eventually(async () => {
      const [asked, answered] = (await lobby()).json;
      expect(asked).toMatchObject({ text: 'lunch at one?' });
      expect(answered).toMatchObject({ text: 'gladly', re: asked?.['id'] });
    });

    const [plan, menu] = [join(stage.folder, 'plan.bin'), join(stage.folder, 'menu.bin')];
    const saved = await mkdtemp(join(stage.folder, 'saved-'));
    await writeFile(plan, randomBytes(100_000));
    await writeFile(menu, randomBytes(100_000));
    await ada.choose(plan);
    await ada.page.getByRole('dialog').locator(':focus').waitFor();
    await ada.tabTo('send it');
    await ada.press('Enter');
    await eventually(async () => {
      await lobby('--save-files', saved);
      expect(await readFile(join(saved, 'plan.bin'))).toEqual(await readFile(plan));
    });
    await stage.done('carol', 'send', 'Lobby', 'and what there is', '--file', menu);
    await ada.user.shows('and what there is');
    const { path } = await ada.user.downloaded(() => ada.line('/save 2'));
    expect(await readFile(path)).toEqual(await readFile(menu));

    await stage.gateway.kill();
    await ada.page.getByText(/offline, next try in/).waitFor();
    await ada.line('written meanwhile');
    await stage.restart();
    await eventually(async () => expect(textsOf(await lobby())).toContain('written meanwhile'));

    const again = new Typist(await web.open(stage.gateway.url));
    await again.page.getByRole('button', { name: 'Restore with a recovery code …' }).waitFor();
    await again.tabTo('Restore with a recovery code …');
    await again.press('Enter');
    await again.answer('Name of the account', 'ada');
    await again.answer('Recovery code of ada', code);
    await again.page.getByRole('dialog', { name: /^Is this what stands on the sheet/ }).waitFor();
    await again.tabTo('it is the same: restore');
    await again.press('Enter');
    await again.answer('Choose a passphrase for the keys of ada', PASSPHRASE);
    await again.answer('Repeat the passphrase', PASSPHRASE);
    await again.page.getByRole('button', { name: 'Open ada' }).waitFor();
    await again.tabTo('Open ada');
    await again.press('Enter');
    await again.answer(/^Passphrase/, PASSPHRASE);
    await again.user.isIn('Lobby');
    await again.page.setViewportSize({ width: 390, height: 780 });
    await again.line('from my phone');
    await eventually(async () => expect(textsOf(await lobby())).toContain('from my phone'));
    expect(await axeFaults(again.page)).toEqual([]);
    expect([ada.user.complaints, again.user.complaints]).toEqual([[], []]);
  });
});
