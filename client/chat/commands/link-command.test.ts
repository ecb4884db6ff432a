import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faceOf, type Headless } from '../../../test/support/chat/headless.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Account, LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { shownLinkCode } from '../../sdk/backup/link-ticket.ts';
import { NewDevice } from '../../sdk/backup/new-device.ts';
import { systemClock } from '../../sdk/connection/clock.ts';

const PASSPHRASE = 'four unlikely words here';
const CODE = 'Code shown on the new device';
const DIGITS = 'Digits shown on the new device';

let fixture: LiveFixture;
let ada: Account;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  ada = await fixture.user('Ada');
});
afterEach(() => fixture[Symbol.asyncDispose]());

function opened(passphrase?: string): Promise<Headless> {
  const account = { client: ada, storage: ada.storage };
  return faceOf(account, fixture.server.url, passphrase === undefined ? {} : { passphrase });
}

/** Shows a code, and waits. */
async function newDevice(): Promise<NewDevice & AsyncDisposable> {
  const { origin } = ada;
  const dialling = { origin, webSocket: fixture.webSocket(), clock: systemClock, program: 'new device' };
  const device = await NewDevice.open(dialling);
  return Object.assign(device, { [Symbol.asyncDispose]: () => device.close() });
}

/** How often the server was asked to pass something on. */
const passedOn = (): number => fixture.server.asked.filter(({ name }) => name === 'link').length;

const agree = async (face: Headless): Promise<void> => {
  expect(await face.asked('confirm', 'Link a new device?')).toMatchObject({
    about: expect.arrayContaining([expect.stringMatching(/gives your whole account, Ada at/)]),
  });
  face.application.dialogs.agree();
};

describe('/link', () => {
  test('gives the account to a device whose digits were typed, after the passphrase of the account', async () => {
    await using face = await opened(PASSPHRASE);
    await using device = await newDevice();
    const given = face.line('/link');
    await agree(face);
    await face.answer(`Passphrase of Ada at ${ada.origin}`, 'another passphrase');
    await eventually(() => expect(face.model.dialog).toMatchObject({ remark: 'wrong passphrase' }));
    await face.answer(`Passphrase of Ada at ${ada.origin}`, PASSPHRASE);
    await face.answer(CODE, 'no code');
    expect(await face.asked('prompt', CODE)).toMatchObject({ remark: expect.stringMatching(/K10M-PQRS/) });
    await face.answer(CODE, shownLinkCode(device.code).toLowerCase());
    const digits = await device.digits();
    await face.answer(DIGITS, digits.slice(1));
    expect(await face.asked('prompt', DIGITS)).toMatchObject({ remark: 'the new device shows six digits' });
    await face.answer(DIGITS, `${digits.slice(0, 3)} ${digits.slice(3)}`);
    expect((await device.account()).content.account).toEqual(ada.storage.account);
    await device.confirm();
    await given;
    expect(face.model.notices.map(({ text }) => text)).toContain('the new device has the account of Ada');
  });

  test('needs no digits for the text of a QR code, and no passphrase where there is none', async () => {
    await using face = await opened();
    await using device = await newDevice();
    const given = face.line('/link');
    await agree(face);
    await face.answer(CODE, device.ticket);
    await device.digits();
    expect((await device.account()).content.account).toEqual(ada.storage.account);
    await device.confirm();
    await given;
  });

  test('gives nothing for wrong digits, and says so on both devices', async () => {
    await using face = await opened();
    await using device = await newDevice();
    const given = expect(face.line('/link')).rejects.toMatchObject({ code: 'trust' });
    await agree(face);
    await face.answer(CODE, device.code);
    const digits = await device.digits();
    const arriving = expect(device.account()).rejects.toMatchObject({ code: 'trust' });
    await face.answer(DIGITS, digits === '000000' ? '000001' : '000000');
    await Promise.all([given, arriving]);
  });

  test('gives nothing where the digits are put away, and tells the new device', async () => {
    await using face = await opened();
    await using device = await newDevice();
    const given = face.line('/link');
    await agree(face);
    await face.answer(CODE, device.code);
    await device.digits();
    const arriving = expect(device.account()).rejects.toMatchObject({ code: 'trust' });
    await face.asked('prompt', DIGITS);
    face.application.dialogs.dismiss();
    await Promise.all([given, arriving]);
    expect(face.model.notices.map(({ text }) => text)).toContain('nothing was given to the new device');
  });

  test('looks for no device before the passphrase is right', async () => {
    await using face = await opened(PASSPHRASE);
    const given = face.line('/link');
    await agree(face);
    await face.asked('prompt', `Passphrase of Ada at ${ada.origin}`);
    face.application.dialogs.dismiss();
    await given;
    expect(face.model.dialog).toBeUndefined();
    expect(passedOn()).toBe(0);
  });
});
