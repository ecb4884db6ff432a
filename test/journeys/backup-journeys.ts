import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { Pages } from '../support/web/pages.ts';

const CODE = /(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}/;
const RESTORE = 'Restore with a recovery code …';
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
    expect([ada.complaints, again.complaints]).toEqual([[], []]);
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
