import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { texts } from '../../client/texts/texts.ts';
import type { FeatureName } from '../../src/protocol/features.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { RawClient } from '../support/raw-client.ts';
import { besidePreviousRelease, type Release } from './scene.ts';

const { withBoth, startScene } = await besidePreviousRelease();

const EXIT_LOGIN_REFUSED = 4;
const EXIT_REFUSED = 5;
/** Some twenty commands, one after the other. */
const COMMANDS_MS = 400_000;

/** What a client of this release asks of a gateway that named no feature; FILE stands for that of a file with the code of a device. */
const needing: readonly { readonly feature: FeatureName; readonly args: readonly string[] }[] = [
  { feature: 'header-2', args: ['create', 'Other', '--header', '2'] },
  { feature: 'header-2', args: ['room', 'header', 'Lobby', '2', '--yes'] },
  { feature: 'suite-2', args: ['create', 'Other', '--suite', '2'] },
  { feature: 'suite-2', args: ['room', 'suite', 'Lobby', '2', '--yes'] },
  { feature: 'retention-hours', args: ['create', 'Other', '--retention', '36h'] },
  { feature: 'reasons', args: ['room', 'kick', 'Lobby', 'bob', 'a reason'] },
  { feature: 'files', args: ['send', 'Lobby', '--file', 'FILE', 'with a file'] },
  { feature: 'backup', args: ['backup'] },
  { feature: 'backup', args: ['backup', '--new-code'] },
  { feature: 'link', args: ['link'] },
  { feature: 'link', args: ['link', '--give', '--code-file', 'FILE'] },
  { feature: 'direct', args: ['dm', 'bob'] },
  { feature: 'direct', args: ['dm', 'bob', 'words'] },
  { feature: 'invitations', args: ['invite', 'Lobby', 'bob'] },
  { feature: 'room-life', args: ['room', 'disappear', 'Lobby', '1d'] },
  { feature: 'invitations', args: ['invitations'] },
  { feature: 'invitations', args: ['block', 'bob'] },
  { feature: 'invitations', args: ['blocked'] },
];

withBoth('releases work together', () => {
  test.for<{ gateway: Release; ann: Release; bob: Release }>([
    { gateway: 'this release', ann: 'the one before', bob: 'the one before' },
    { gateway: 'the one before', ann: 'this release', bob: 'this release' },
    { gateway: 'this release', ann: 'the one before', bob: 'this release' },
    { gateway: 'the one before', ann: 'this release', bob: 'the one before' },
  ])('on a gateway of $gateway, Ann with $ann and Bob with $bob', async (releases) => {
    await using scene = await startScene(releases);
    const { ann, bob } = scene;
    await scene.inLobby();
    await using reader = bob.start('tail', 'Lobby', '--follow', '--since', 'all');
    await ann.json('send', 'Lobby', 'from Ann');
    await eventually(() => expect(reader.stdout()).toContain('"from Ann"'), { deadlineMs: PATIENCE_MS });
    await bob.json('send', 'Lobby', 'from Bob');
    await eventually(() => expect(reader.stdout()).toContain('"from Bob"'), { deadlineMs: PATIENCE_MS });
    expect(await ann.read('Lobby')).toEqual(['ann: from Ann ok', 'bob: from Bob ok']);

    await ann.json('create', 'Vault', '--password-file', scene.passwordFile);
    await bob.json('join', 'Vault', '--password-file', scene.passwordFile);
    await bob.json('send', 'Vault', 'under the password');
    expect(await ann.read('Vault')).toEqual(['bob: under the password ok']);

    await ann.json('logout');
    await ann.json('send', 'Vault', 'after another login');
    await bob.json('leave', 'Lobby');
    expect((await bob.run('send', 'Lobby', 'too late')).json).toMatchObject([{ code: 'not_a_member' }]);

    const answered = await scene.answered();
    expect(answered).toContainEqual({ operation: 'answer', outcome: 'ok' });
    expect(answered).toContainEqual({ operation: 'resume', outcome: 'ok' });
    // Whoever keeps to the features that the gateway named asks for nothing that it does not know.
    expect(answered.filter(({ outcome }) => outcome === 'bad_request')).toEqual([]);
  });
});

withBoth('header layout 2', () => {
  test('is offered by this release alone, and cuts off clients of the one before, who are told why', async () => {
    await using scene = await startScene({
      ...{ gateway: 'this release', ann: 'this release', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await scene.inLobby();
    await ann.json('send', 'Lobby', 'before');
    await ann.json('room', 'header', 'Lobby', '2', '--yes');
    await ann.json('send', 'Lobby', 'after');
    expect(await bob.read('Lobby')).toEqual(['ann: before ok', 'ann: undefined undecryptable']);
    const [refusal] = (await bob.run('send', 'Lobby', 'from before')).json;
    expect(refusal).toMatchObject({
      code: 'unsupported_version',
      message: expect.stringContaining('update the client'),
    });
    await bob.json('create', 'Other');
    expect(await ann.read('Lobby')).toEqual(['ann: before ok', 'ann: after ok']);
  });
});

withBoth('a client of this release', () => {
  test(
    'asks a gateway of the release before for nothing new: each command says what is missing, and nothing is half done',
    async () => {
      await using scene = await startScene({
        ...{ gateway: 'the one before', ann: 'this release', bob: 'this release' },
      });
      const { ann, bob } = scene;
      await scene.inLobby();
      const file = join(scene.folder, 'file.txt');
      await writeFile(file, 'K10M-PQRS\n', { mode: 0o600 });

      for (const { feature, args } of needing) {
        const refused = await ann.run(...args.map((arg) => (arg === 'FILE' ? file : arg)));
        const said = expect.objectContaining({ code: 'unsupported', message: texts.features[feature] });
        expect([args, refused.code, refused.json]).toEqual([args, EXIT_REFUSED, [said]]);
      }

      expect((await ann.json('rooms')).filter(({ type }) => type === 'room')).toEqual([
        expect.objectContaining({ room: 'Lobby', suite: 1, members: 2 }),
      ]);
      await bob.json('send', 'Lobby', 'goes on');
      expect(await ann.read('Lobby')).toEqual(['bob: goes on ok']);
      expect((await scene.answered()).filter(({ outcome }) => outcome === 'bad_request')).toEqual([]);
    },
    COMMANDS_MS,
  );
});

withBoth('a client of the release before', () => {
  test(
    'shows that there are messages of kinds that it does not know, and loses none of the others, nor the bytes of those: it reads them once it is updated',
    async () => {
      await using scene = await startScene({
        ...{ gateway: 'this release', ann: 'this release', bob: 'the one before' },
      });
      const { ann, bob } = scene;
      await scene.inLobby();
      const file = join(scene.folder, 'notes.txt');
      await writeFile(file, 'we met');
      await using open = bob.start('tail', 'Lobby', '--follow', '--since', 'all');
      await bob.json('send', 'Lobby', 'from before');
      const last = async (): Promise<string> => {
        const messages = (await ann.json('tail', 'Lobby')).filter(({ type }) => type === 'message');
        return String(messages.at(-1)?.['id']);
      };
      const bobs = await last();
      await ann.json('send', 'Lobby', 'an answer', '--reply', bobs);
      const answer = await last();
      await ann.json('edit', 'Lobby', answer, 'a better answer');
      await ann.json('react', 'Lobby', bobs, '🎉');
      await ann.json('send', 'Lobby', 'with a file', '--file', file);
      await ann.json('send', 'Lobby', 'not for long');
      await ann.json('retract', 'Lobby', 'last');
      await ann.json('remove', 'Lobby', bobs, 'a test');
      await ann.json('send', 'Lobby', 'plain again');

      const unknown = 'ann: undefined undecryptable';
      const shown = [
        'bob: from before ok',
        ...[unknown, unknown, unknown, unknown],
        'ann: not for long ok',
        ...[unknown, unknown],
        'ann: plain again ok',
      ];
      expect(await bob.read('Lobby')).toEqual(shown);
      await eventually(() => expect(open.stdout()).toContain('"plain again"'), { deadlineMs: PATIENCE_MS });
      expect(open.stdout()).not.toContain('"gap"');
      await bob.json('send', 'Lobby', 'goes on');
      expect((await ann.read('Lobby')).at(-1)).toBe('bob: goes on ok');

      // The same keys and state, with this release.
      await open[Symbol.asyncDispose]();
      await cp(join(scene.folder, 'profile'), join(scene.folder, 'updated'), { recursive: true });
      const updated = scene.person('bob', 'this release', 'updated');
      const kinds = (await updated.json('tail', 'Lobby', '--since', 'all')).map(({ type }) => type);
      expect(kinds).toEqual(
        ['message', 'message', 'edit', 'react', 'message', 'message', 'retract', 'remove'].concat(
          Array.from({ length: 2 }, () => 'message'),
        ),
      );
    },
    COMMANDS_MS,
  );
});

withBoth('a room of suite 2', () => {
  test('keeps out clients of the release before, who are told why and go on in other rooms', async () => {
    await using scene = await startScene({
      ...{ gateway: 'this release', ann: 'the one before', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await using owner = await RawClient.connect(scene.url);
    await owner.hello();
    await owner.login(await owner.register('owner', await newKeys()));
    const name = parseRoomName('Epochs') ?? expect.unreachable();
    await owner.ask('create', { name, hidden: false, retention: 1, suite: 2 });
    await Promise.all([ann.json('register', 'ann'), bob.json('register', 'bob')]);
    const refused = await ann.run('join', 'Epochs');
    const message = 'this room has a suite that the client does not speak';
    expect([refused.code, refused.json]).toEqual([
      EXIT_LOGIN_REFUSED,
      [{ type: 'error', code: 'unsupported_version', message }],
    ]);
    await ann.json('create', 'Lobby');
    await bob.json('join', 'Lobby');
    await ann.json('send', 'Lobby', 'as before');
    expect(await bob.read('Lobby')).toEqual(['ann: as before ok']);
  });

  test('is not made of a room while a member has only a client of the release before; the owner is told who, and nothing changes', async () => {
    await using scene = await startScene({
      ...{ gateway: 'this release', ann: 'this release', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await scene.inLobby();
    const refused = await ann.run('room', 'suite', 'Lobby', '2', '--yes');
    expect([refused.code, refused.json]).toEqual([
      EXIT_LOGIN_REFUSED,
      [
        expect.objectContaining({
          code: 'unsupported_version',
          message: expect.stringMatching(/Lobby.*\bbob\b/),
        }),
      ],
    ]);
    await ann.json('send', 'Lobby', 'from Ann');
    await bob.json('send', 'Lobby', 'from Bob');
    expect(await bob.read('Lobby')).toEqual(['ann: from Ann ok', 'bob: from Bob ok']);
  });

  test('was made of a room while a member has clients of both releases: the older one is told at once that it cannot open it any more, the newer one reads all of it', async () => {
    await using scene = await startScene({
      ...{ gateway: 'this release', ann: 'this release', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await scene.inLobby();
    await ann.json('send', 'Lobby', 'before');
    // The same keys on another device.
    await cp(join(scene.folder, 'profile'), join(scene.folder, 'device'), { recursive: true });
    const updated = scene.person('bob', 'this release', 'device');
    expect(await updated.read('Lobby')).toEqual(['ann: before ok']);
    await using _online = updated.start('tail', 'Lobby', '--follow');
    await using open = bob.start('tail', 'Lobby', '--follow', '--since', 'all');
    await eventually(() => expect(open.stdout()).toContain('"before"'), { deadlineMs: PATIENCE_MS });
    // Once that client has published prekeys.
    await eventually(() => ann.json('room', 'suite', 'Lobby', '2', '--yes'), { deadlineMs: PATIENCE_MS });
    const ended = await open.ended;
    expect([ended.code, ended.json.at(-1)]).toEqual([
      EXIT_LOGIN_REFUSED,
      expect.objectContaining({ type: 'error', code: 'unsupported_version' }),
    ]);
    await ann.json('send', 'Lobby', 'after');
    expect(await updated.read('Lobby')).toEqual(['ann: before ok', 'ann: after ok']);

    for (const args of [
      ['send', 'Lobby', 'from before'],
      ['tail', 'Lobby', '--since', 'all'],
    ]) {
      const refused = await bob.run(...args);
      expect([args, refused.code, refused.json]).toEqual([
        args,
        EXIT_LOGIN_REFUSED,
        [expect.objectContaining({ code: 'unsupported_version' })],
      ]);
    }
    await bob.json('create', 'Other');
    await bob.json('send', 'Other', 'goes on');
    expect(await bob.read('Other')).toEqual(['bob: goes on ok']);
  });
});
