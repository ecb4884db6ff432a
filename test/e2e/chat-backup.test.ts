import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { fetchBackup } from '../../client/sdk/backup/fetched-backup.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { parseRecoveryCode } from '../../src/protocol/recovery-code.ts';
import { faceOf, type Headless } from '../support/chat/headless.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** What a page of the chat shows, and whether it can be told what to do. */
async function pageOf(face: Headless, title: string) {
  const dialog = await face.asked('page', title);
  return dialog?.kind === 'page' ? dialog : expect.unreachable();
}

/** Fetches a backup as an empty machine does: it knows the name and the code. */
function restored(name: string, typed: string) {
  const parsed = parseRecoveryCode(typed);
  const origin = parseOrigin(scene.gateway.url) ?? expect.unreachable();
  const dialling = { origin, webSocket: WebSocket, clock: systemClock, program: 'test' };
  const user = parseUserName(name) ?? expect.unreachable();
  return parsed.ok ? fetchBackup(dialling, user, parsed.code) : expect.unreachable();
}

describe('the backup of an account, in the chat', () => {
  test('is made with a code that is shown once and restores the account, is replaced only after a question, and deleted', async () => {
    await using people = new People();
    const device = await people.register('Ada', scene.gateway.url);
    await using ada = await faceOf(device, scene.gateway.url);
    const { dialogs } = ada.application;
    const asked = ada.line('/backup');
    expect(await pageOf(ada, 'Backup of your account')).toMatchObject({
      lines: expect.arrayContaining(['There is no backup.']),
      choices: [{ id: 'new', label: 'make a backup' }],
    });
    dialogs.choose('new');
    const { fingerprint } = await device.client.me();
    const title = `Recovery code of Ada at ${scene.gateway.url}`;
    const first = await pageOf(ada, title);
    expect(first.lines.join('').replaceAll(' ', '')).toContain(fingerprint);
    expect(first.code).toBe(first.lines[0]?.replaceAll('-', ''));
    dialogs.accept();
    await asked;
    expect(await restored('Ada', first.lines[0] ?? '')).toMatchObject({ fingerprint });

    const again = ada.line('/backup new');
    await ada.asked('confirm', 'Make a new recovery code?');
    dialogs.dismiss();
    await again;
    expect(await restored('Ada', first.lines[0] ?? '')).toMatchObject({ fingerprint });
    const replaced = ada.line('/backup new');
    await ada.asked('confirm', 'Make a new recovery code?');
    dialogs.agree();
    const second = await pageOf(ada, title);
    dialogs.accept();
    await replaced;
    await expect(restored('Ada', first.lines[0] ?? '')).rejects.toMatchObject({ code: 'auth_failed' });
    expect(await restored('Ada', second.lines[0] ?? '')).toMatchObject({ fingerprint });

    const deleted = ada.line('/backup delete');
    await ada.asked('confirm', 'Delete your backup?');
    dialogs.agree();
    await deleted;
    await expect(restored('Ada', second.lines[0] ?? '')).rejects.toMatchObject({ code: 'auth_failed' });
    await eventually(() =>
      expect(ada.model.notices.map(({ text }) => text).join()).toContain('deleted the backup'),
    );
    const shown = JSON.stringify(ada.model);
    for (const { code = '' } of [first, second]) expect(shown).not.toContain(code);
  });
});
