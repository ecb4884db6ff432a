import { expect, test } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { faceOf } from '../support/chat/headless.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { nothingEarlier } from '../support/cluster/two-devices.ts';
import { eventually } from '../support/eventually.ts';
import { besidePreviousRelease } from './scene.ts';

const TEST_MS = 400_000;
const patience = { deadlineMs: PATIENCE_MS };
const { withBoth, startScene } = await besidePreviousRelease();

withBoth('settings that follow the user', () => {
  test(
    'stay on their device at a gateway of the release before, which is asked for nothing that it does not know',
    async () => {
      await using scene = await startScene({
        ...{ gateway: 'the one before', ann: 'the one before', bob: 'the one before' },
      });
      await scene.bob.json('register', 'bob');
      await scene.bob.json('create', 'Lobby');
      await using people = new People();
      const eve = await people.register('eve', scene.url);
      await eve.client.join('Lobby');
      const face = await faceOf(eve, scene.url);
      await eventually(() => expect(face.room).toMatchObject({ name: 'Lobby', open: true }), patience);
      await face.line('/notify none');
      await face.line('/ignore bob');
      await face.application.close();
      await using again = await faceOf(await people.resume(eve.storage, scene.url), scene.url);
      await eventually(() => expect(again.room).toMatchObject({ notify: 'none' }), patience);
      expect([...again.model.ignored]).toEqual(['bob']);
      expect((await scene.answered()).filter(({ outcome }) => outcome === 'bad_request')).toEqual([]);
    },
    TEST_MS,
  );

  test(
    'do not disturb a client of the release before of the same user',
    async () => {
      await using scene = await startScene({
        ...{ gateway: 'this release', ann: 'the one before', bob: 'this release' },
      });
      await scene.inLobby();
      const origin = parseOrigin(scene.url) ?? expect.unreachable();
      const ann = parseUserName('ann') ?? expect.unreachable();
      const stored = await new Profile(`${scene.folder}/profile`).open(origin, ann, undefined);
      const account = await stored.keys.load();
      await stored.close();
      await using tail = scene.ann.start('tail', 'Lobby', '--follow');
      await using people = new People();
      const other = await people.login(account, scene.url);
      const { userState } = other.client;
      await userState.begin(nothingEarlier);
      const [lobby = expect.unreachable()] = await other.client.ownRooms();
      await scene.bob.json('send', 'Lobby', 'before the settings');
      await eventually(() => expect(tail.stdout()).toContain('before the settings'), patience);
      await userState.setLevel(lobby.id, 'none');
      await userState.begin(nothingEarlier);
      await scene.bob.json('send', 'Lobby', 'after the settings');
      await eventually(() => expect(tail.stdout()).toContain('after the settings'), patience);
      expect((await scene.answered()).map(({ operation }) => operation)).toContain('put-state');
    },
    TEST_MS,
  );
});
