import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cluster/cli-process.ts';
import { textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { Pages } from '../support/web/pages.ts';

const CODE = /(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}/;
const RESTORE = 'Restore with a recovery code …';
const LINK_CODE = /Code: ([0-9A-Z]{4}-[0-9A-Z]{4})/;
const LINK = 'Link with another device …';
const fingerprintIn = (shown: string | null): string =>
  (shown?.match(/\b[0-9a-f]{8}\b/g) ?? expect.unreachable()).join('');

/** How somebody gets an account back in any browser. */
export function backupJourneys<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test('comes back in another one, and on the command line, by the code that the page showed, with whom it had verified', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('/verify carol');
    await ada.button('it is the same: mark verified').click();
    await ada.page.getByText('carol is verified').waitFor();
    await ada.page.getByLabel('Menu').click();
    await ada.button('Backup …').click();
    await ada.page.getByText('There is no backup.').waitFor();
    await ada.button('make a backup').click();
    const sheet = ada.page.getByRole('dialog', { name: /^Recovery code of ada at/ });
    await sheet.waitFor();
    const shown = await sheet.textContent();
    const code = CODE.exec(shown ?? '')?.[0] ?? expect.unreachable();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.button('Close').click();
    await sheet.waitFor({ state: 'detached' });
    expect(await ada.page.content()).not.toContain(code);

    const file = join(stage.folder, 'code');
    await writeFile(file, code, { mode: 0o600 });
    const terminal = await stage.alone('machine', 'restore', 'ada', '--code-file', file, '--yes');
    expect(terminal).toMatchObject({ code: 0 });
    expect(terminal.json[0]).toMatchObject({ fingerprint: fingerprintIn(shown), verified: 1 });

    const again = await web.open(stage.gateway.url);
    await again.button(RESTORE).click();
    await again.answer('Name of the account', 'ada');
    const mistyped = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`;
    await again.answer('Recovery code of ada', mistyped);
    await again.page.getByText(/the recovery code is mistyped/).waitFor();
    await again.answer('Recovery code of ada', code.toLowerCase());
    const question = again.page.getByRole('dialog', { name: 'Is this what stands on the sheet of ada?' });
    await question.waitFor();
    expect(fingerprintIn(await question.textContent())).toBe(fingerprintIn(shown));
    expect(await axeFaults(again.page)).toEqual([]);
    await again.button('it is the same: restore').click();
    await again.answer('Choose a passphrase for the keys of ada', '');
    await again.button('yes, without').click();
    await again.page.getByText(/^ada is in this browser now\. Not in a backup/).waitFor();
    await again.button('Open ada').click();
    await again.isIn('Lobby');
    await again.page
      .getByRole('complementary')
      .getByRole('button', { name: /carol.*verified/ })
      .waitFor();
    await again.line('back again');
    await eventually(async () =>
      expect(textsOf(await stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json'))).toEqual([
        'back again',
      ]),
    );
    expect(await again.page.getByText(/may delete your keys/).count()).toBe(0);
    expect([ada.complaints, again.complaints]).toEqual([[], []]);
  });

  test('goes to another one by digits that are typed, and from there to a terminal, with whom it had verified', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const passphrase = 'four unlikely words here';
    const ada = await web.register(stage.gateway.url, 'ada', { passphrase, path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('/verify carol');
    await ada.button('it is the same: mark verified').click();
    await ada.page.getByText('carol is verified').waitFor();
    await stage.done('carol', 'send', 'Lobby', 'before the link');
    await ada.shows('before the link');

    const other = await web.open(stage.gateway.url);
    await other.button(LINK).click();
    const waiting = other.page.getByRole('dialog', { name: /^Code: / });
    await waiting.waitFor();
    const code = LINK_CODE.exec((await waiting.textContent()) ?? '')?.[1] ?? expect.unreachable();
    await other.page.getByRole('img', { name: /^QR code/ }).waitFor();
    expect(await axeFaults(other.page)).toEqual([]);
    await ada.page.getByLabel('Menu').click();
    await ada.button('Link a new device …').click();
    await ada.button('enter its code').click();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'not this one');
    await ada.page.getByText('wrong passphrase').waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, passphrase);
    await ada.answer('Code shown on the new device', code.toLowerCase());
    const shown = other.page.getByRole('dialog', { name: /^Digits: / });
    await shown.waitFor();
    const digits = /Digits: (\d{6})/.exec((await shown.textContent()) ?? '')?.[1] ?? expect.unreachable();
    await ada.answer('Digits shown on the new device', digits);
    const question = other.page.getByRole('dialog', { name: 'Is ada your account?' });
    await question.waitFor();
    const fingerprint = fingerprintIn(await question.textContent());
    expect(await axeFaults(other.page)).toEqual([]);
    await other.button('it is mine: use it here').click();
    await other.answer('Choose a passphrase for the keys of ada', '');
    await other.button('yes, without').click();
    await ada.page.getByText('the new device has the account of ada').waitFor();
    await other.page.getByText(/^ada is in this browser now\. Not passed on/).waitFor();
    await other.button('Open ada').click();
    await other.isIn('Lobby');
    await other.shows('before the link');
    await other.page
      .getByRole('complementary')
      .getByRole('button', { name: /carol.*verified/ })
      .waitFor();
    await other.line('from the other browser');
    await ada.shows('from the other browser');

    // From a page to a terminal, which has no digits to type where its code was scanned.
    await using machine = startCli([...stage.at('machine'), '--no-passphrase', '--json', 'link', '--yes']);
    const ticket = await eventually(
      () => /"ticket":"(\w+)"/.exec(machine.stdout())?.[1] ?? expect.fail('it shows no code yet'),
    );
    await other.line('/link');
    await other.button('enter its code').click();
    await other.answer('Code shown on the new device', ticket);
    await other.page.getByText('the new device has the account of ada').waitFor();
    const { code: ended, json } = await machine.ended;
    expect(ended).toBe(0);
    expect(json.at(-1)).toMatchObject({ type: 'linked', user: 'ada', fingerprint });
    expect([ada.complaints, other.complaints]).toEqual([[], []]);
  });

  test('goes nowhere for digits that are wrong, nor where somebody does not know whose it is', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    const other = await web.open(stage.gateway.url);
    const codeShown = async (): Promise<string> => {
      await other.button(LINK).click();
      const waiting = other.page.getByRole('dialog', { name: /^Code: / });
      await waiting.waitFor();
      return LINK_CODE.exec((await waiting.textContent()) ?? '')?.[1] ?? expect.unreachable();
    };
    const digitsFor = async (code: string): Promise<string> => {
      await ada.line('/link');
      await ada.button('enter its code').click();
      await ada.answer('Code shown on the new device', code);
      const shown = other.page.getByRole('dialog', { name: /^Digits: / });
      await shown.waitFor();
      return /Digits: (\d{6})/.exec((await shown.textContent()) ?? '')?.[1] ?? expect.unreachable();
    };
    const digits = await digitsFor(await codeShown());
    await ada.answer('Digits shown on the new device', digits === '000000' ? '000001' : '000000');
    await ada.page.getByText(/these are not the digits on the new device/).waitFor();
    await other.page.getByText(/the other device refused/).waitFor();
    await ada.input.fill('');

    const again = await digitsFor(await codeShown());
    await ada.answer('Digits shown on the new device', again);
    await other.page.getByRole('dialog', { name: 'Is ada your account?' }).waitFor();
    await other.button('Close').click();
    await other.page.getByRole('dialog').waitFor({ state: 'detached' });
    await other.page.reload();
    await other.button('New account').waitFor();
    expect(await other.button('Open ada').count()).toBe(0);
  });

  test('gets nothing for the name of another, and writes nothing where somebody does not know the sheet', async () => {
    const stage = await web.scene('carol', 'dave');
    const made = await stage.done('carol', '--json', 'backup', '--new-code');
    const code = String(made.json.find(({ type }) => type === 'backup-made')?.['code']);
    const page = await web.open(stage.gateway.url);
    await page.button(RESTORE).click();
    await page.answer('Name of the account', 'dave');
    await page.answer('Recovery code of dave', code);
    await page.page.getByRole('status').filter({ hasText: /\w/ }).waitFor();
    await page.button(RESTORE).click();
    await page.answer('Name of the account', 'carol');
    await page.answer('Recovery code of carol', code);
    await page.page.getByRole('dialog', { name: 'Is this what stands on the sheet of carol?' }).waitFor();
    await page.button('Close').click();
    await page.page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.page.reload();
    await page.button('New account').waitFor();
    expect(await page.button('Open carol').count()).toBe(0);
  });
}
