import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faceOf, type Headless } from '../../../test/support/chat/headless.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import type { ConclaveClient } from '../../sdk/api.ts';

let fixture: LiveFixture;
let ada: ConclaveClient & Awaited<ReturnType<LiveFixture['user']>>;
let bob: ConclaveClient;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
});
afterEach(() => fixture[Symbol.asyncDispose]());

/** Ada's chat, opened by a link to a room. */
function opened(linkedRoom: string | undefined): Promise<Headless> {
  return faceOf({ client: ada, storage: ada.storage }, fixture.server.url, { linkedRoom });
}

describe('a link that names a room', () => {
  test('joins it only after somebody said so, and says before what joining means', async () => {
    await bob.create('Lobby');
    await using face = await opened('lobby');
    expect(await face.asked('confirm', 'Join lobby?')).toMatchObject({
      about: [expect.stringContaining('will see your name'), 'Anybody on this server may join it.'],
    });
    expect(await ada.ownRooms()).toEqual([]);
    face.application.dialogs.agree();
    await eventually(() => expect(face.room).toMatchObject({ name: 'Lobby', open: true }));
  });

  test('joins nothing where somebody put the question away', async () => {
    await bob.create('Lobby');
    await using face = await opened(undefined);
    const followed = face.chat.followLink('Lobby');
    await face.asked('confirm', 'Join Lobby?');
    face.application.dialogs.dismiss();
    await followed;
    expect(await ada.ownRooms()).toEqual([]);
  });

  test('asks for no password where the room was shown without one, and says of a locked one that it has one', async () => {
    await bob.create('Lobby');
    const lobby = await bob.room('Lobby');
    await using face = await opened('Lobby');
    await face.asked('confirm', 'Join Lobby?');
    await lobby.setPassword('correct horse');
    face.application.dialogs.agree();
    await eventually(() => expect(face.model.notices.map(({ text }) => text).join()).toMatch(/password/));
    expect(face.model.dialog).toBeUndefined();
    expect(await ada.ownRooms()).toEqual([]);

    await using again = await opened('Lobby');
    expect(await again.asked('confirm', 'Join Lobby?')).toMatchObject({
      about: [expect.any(String), "It has a password, or doesn't exist."],
    });
    again.application.dialogs.agree();
    await again.answer("Lobby is locked, or doesn't exist. Password:", 'correct horse');
    await eventually(() => expect(again.room).toMatchObject({ name: 'Lobby', open: true }));
  });

  test('leads to a room that the user is in without a question', async () => {
    await ada.create('Den');
    await ada.create('Lobby');
    await using face = await opened('Lobby');
    await eventually(() => expect(face.room).toMatchObject({ name: 'Lobby', open: true }));
    expect(face.model.dialog).toBeUndefined();
  });
});
