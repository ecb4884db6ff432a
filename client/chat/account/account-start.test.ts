import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { Headless } from '../../../test/support/chat/headless.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';

let fixture: LiveFixture;
beforeEach(async () => {
  fixture = await LiveFixture.start();
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe('the first start', () => {
  test('offers a backup once an account is created, and continues without one if the server refuses it', async () => {
    const registered = async (name: string): Promise<Headless> => {
      const face = new Headless(fixture, undefined);
      await face.answer('Which server?');
      await face.answer('Choose a user name', name);
      await face.answer(`Choose a passphrase for the keys of ${name}`);
      await face.asked('confirm', 'Keep your keys without a passphrase?');
      face.application.dialogs.agree();
      expect(await face.asked('page', `You are ${name}`)).toMatchObject({
        choices: [{ id: 'backup', label: 'make a backup' }],
        leaving: 'go on without a backup',
      });
      face.application.dialogs.choose('backup');
      return face;
    };
    await using ada = await registered('Ada');
    const sheet = await ada.asked('page', `Recovery code of Ada at ${fixture.server.url}`);
    expect(sheet).toMatchObject({ code: expect.stringMatching(/^[0-9A-Z]{24}$/) });
    ada.application.dialogs.accept();
    await eventually(() =>
      expect(ada.model).toMatchObject({ me: { user: 'Ada' }, start: { busy: undefined } }),
    );
    const shown = ada.line('/backup');
    expect(await ada.asked('page', 'Backup of your account')).toMatchObject({
      lines: expect.arrayContaining([expect.stringMatching(/which this device keeps up to date/)]),
    });
    ada.application.dialogs.accept();
    await shown;

    fixture.server.intercept = ({ name }) => (name === 'put-backup' ? refuse('unavailable') : undefined);
    await using cleo = await registered('Cleo');
    expect(await cleo.asked('page', 'No backup was made')).toMatchObject({
      lines: expect.arrayContaining([expect.stringMatching(/\/backup tries again/)]),
    });
    cleo.application.dialogs.accept();
    await eventually(() => expect(cleo.model).toMatchObject({ me: { user: 'Cleo' } }));
  });
});
