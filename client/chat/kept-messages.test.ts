import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faceOf, type Headless, inLobby } from '../../test/support/chat/headless.ts';
import { eventually } from '../../test/support/eventually.ts';
import { LiveFixture } from '../../test/support/sdk/live-fixture.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import { type AccountStorage, MemoryMessageCache, memoryStorage, newAccountKeys } from '../sdk/index.ts';
import type { Room } from '../sdk/rooms/room.ts';

let fixture: LiveFixture;
/** Ada reaches nobody. */
let isAway: boolean;
let storage: AccountStorage;
let bob: ConclaveClient;
let lobby: Room;

beforeEach(async () => {
  fixture = await LiveFixture.start();
  isAway = false;
  storage = memoryStorage(await newAccountKeys('Ada'), { cache: new MemoryMessageCache() });
  bob = await fixture.user('Bob');
  await bob.create('Lobby');
  lobby = await bob.room('Lobby');
});

afterEach(() => fixture[Symbol.asyncDispose]());

async function started(isNew = false): Promise<{ readonly face: Headless; readonly client: ConclaveClient }> {
  const client = await fixture.client(storage, { reaches: () => !isAway });
  if (isNew) await client.register();
  return { face: await faceOf({ client, storage }, fixture.server.url), client };
}

/** Ada reads what Bob does, and ends her client; then the server is away. */
async function readBefore(work: () => Promise<unknown>, isRead: (ada: Headless) => void): Promise<void> {
  const { face } = await started(true);
  await inLobby(face);
  await work();
  await eventually(() => isRead(face));
  await face[Symbol.asyncDispose]();
  isAway = true;
}

const say = async (...texts: readonly string[]): Promise<void> => {
  for (const text of texts) await lobby.send(text);
};

describe('a chat that opens without a connection', () => {
  test('shows what was kept, says that it is offline, sends nothing, and carries on by itself once it connects', async () => {
    const texts = ['one', 'two', 'three'];
    await readBefore(
      () => say(...texts),
      (ada) => expect(ada.texts).toEqual(texts),
    );
    const { face, client } = await started();
    await using ada = face;
    await eventually(() => expect(ada.texts).toEqual(texts));
    expect(ada.room).toMatchObject({ name: 'Lobby', kept: true, open: false });
    // In between, it is connecting.
    await eventually(() =>
      expect(ada.model).toMatchObject({ me: { user: 'Ada' }, connection: { state: 'waiting' } }),
    );
    expect(ada.model.notices.map(({ text }) => text)).toEqual([expect.stringMatching(/^Not connected yet/)]);
    await expect(ada.line('are you there?')).rejects.toMatchObject({ code: 'no_connection' });
    expect(ada.chat.input.text).toBe('are you there?');

    await say('four');
    isAway = false;
    client.retryNow();
    await eventually(() => expect(ada.texts).toEqual([...texts, 'four']));
    expect(ada.room).toMatchObject({ kept: false, open: true, draft: 'are you there?' });
    expect(ada.model.notices).toEqual([]);
    await ada.chat.submit();
    await eventually(() => expect(ada.texts).toEqual([...texts, 'four', 'are you there?']));
  });

  test('ends quietly when the user quits before it connects', async () => {
    await readBefore(
      () => say('one'),
      (ada) => expect(ada.texts).toEqual(['one']),
    );
    const { face } = await started();
    await eventually(() => expect(face.texts).toEqual(['one']));
    await face.line('/quit');
    await expect(face.ended).resolves.toBeUndefined();
    await face[Symbol.asyncDispose]();
  });

  test('keeps what somebody reads in its place when the connection comes', async () => {
    const texts = Array.from({ length: 150 }, (_, at) => `message ${at}`);
    await readBefore(
      () => say(...texts),
      (ada) => expect(ada.texts).toEqual(texts),
    );
    const { face, client } = await started();
    await using ada = face;
    await eventually(() => expect(ada.texts).toEqual(texts));
    const item = ada.room.timeline.entries[20] ?? expect.unreachable();
    ada.chat.reader.hold({ item, block: 'start', offset: 7 });
    // Somebody writes while the pages are on their way.
    fixture.server.intercept = ({ name }) => {
      if (name !== 'history') return undefined;
      fixture.server.intercept = () => undefined;
      void lobby.send('Ada, in between');
      return undefined;
    };
    isAway = false;
    client.retryNow();
    await eventually(() => expect(ada.room).toMatchObject({ open: true }));
    await eventually(() => expect(ada.texts.at(-1)).toBe('Ada, in between'));
    expect(ada.told).toEqual(['Lobby: Bob mentioned you in Lobby']);
    expect(ada.room.anchor).toMatchObject({ item: { text: 'message 20' }, block: 'start', offset: 7 });
    expect(ada.texts.slice(-131, -1)).toEqual(texts.slice(-130));
  });

  test('shows no text that was edited away, taken back or removed, and none of ignored people', async () => {
    const eve = await fixture.user('Eve');
    await eve.join('Lobby');
    const eves = await eve.room('Lobby');
    await readBefore(
      async () => {
        const edited = await lobby.send('lnuch?');
        await lobby.edit(edited.id, 'lunch?');
        await lobby.retract((await lobby.send('a secret')).id);
        await lobby.remove((await eves.send('buy now')).id);
        await eves.send('really');
      },
      (ada) => expect(ada.texts).toEqual(['lunch?', '', 'buy now', 'really']),
    );
    const { face } = await started();
    await using ada = face;
    await eventually(() => expect(ada.texts).toEqual(['lunch?', 'really']));
    await ada.line('/ignore Eve');
    expect([...ada.model.ignored]).toEqual(['eve']);
    await ada.line('/quit');
    await ada.ended;
    const again = await started();
    await using later = again.face;
    await eventually(() => expect(later.texts).toEqual(['lunch?', 'really']));
    expect([...later.model.ignored]).toEqual(['eve']);
    await later.line('/quit');
    await later.ended;
  });

  test('shows what people reacted to them, and nothing that they took back', async () => {
    await readBefore(
      async () => {
        const { id } = await lobby.send('lunch?');
        for (const [emoji, add] of [
          ['👍', true],
          ['❤️', true],
          ['👍', false],
        ] as const)
          await lobby.react(id, emoji, { add });
        await say('one more');
      },
      (ada) => expect(ada.texts).toEqual(['lunch?', 'one more']),
    );
    const { face } = await started();
    await using ada = face;
    await eventually(() => expect(ada.texts).toEqual(['lunch?', 'one more']));
    expect(ada.room.timeline.entries[0]).toMatchObject({
      reactions: [{ emoji: '❤️', count: 1, from: ['Bob'], own: false }],
    });
    await ada.line('/quit');
    await ada.ended;
  });

  test('lets messages disappear that somebody looks at before there is a connection, and those only', async () => {
    await readBefore(
      async () => {
        await lobby.send('the code is 4711', { expires: 5 });
        await lobby.send('unseen', { expires: 5 });
      },
      (ada) => expect(ada.texts).toEqual(['the code is 4711', 'unseen']),
    );
    const { face } = await started();
    await using ada = face;
    await eventually(() => expect(ada.texts).toEqual(['the code is 4711', 'unseen']));
    const [first] = ada.room.timeline.entries;
    const seq = first?.kind === 'message' ? first.seq : expect.unreachable();
    ada.chat.reader.looked({ from: seq, to: seq });
    await eventually(() => expect(ada.texts).toEqual(['', 'unseen']));
    await ada.line('/quit');
    await ada.ended;
    const again = await started();
    await using later = again.face;
    await eventually(() => expect(later.texts).toEqual(['unseen']));
    await later.line('/quit');
    await later.ended;
  });

  test('is left before there is a connection', async () => {
    await readBefore(
      () => say('one'),
      (ada) => expect(ada.texts).toEqual(['one']),
    );
    const { face } = await started();
    await using ada = face;
    await ada.line('/quit');
    await ada.ended;
  });
});
