import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { userStateKey } from '../../client/crypto/user-state.ts';
import type { UserSettings } from '../../client/sdk/index.ts';
import type { Notice } from '../../client/sdk/notice.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import type { ReplyBody, RequestBody } from '../../src/protocol/requests.ts';
import { eventually } from '../support/eventually.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await Theatre.open();
});
afterEach(() => theatre.hostile.begin());
afterAll(() => theatre[Symbol.asyncDispose]());

const nothing = { levels: new Map(), ignored: new Set<never>() };
const mallory = present(parseUserName('Mallory'));
type State = NonNullable<ReplyBody<'state'>['state']>;

/** Somebody whose server has a state of theirs, in which Mallory is ignored, the room is muted and read up to 5. */
async function settled(): Promise<Actor & { readonly room: string; readonly heard: readonly Notice[] }> {
  const actor = await theatre.actor(theatre.name('Alice'));
  const { client } = actor;
  const heard: Notice[] = [];
  void (async () => {
    for await (const notice of client.notices()) heard.push(notice);
  })();
  const room = theatre.name('Lobby');
  const { id } = await client.create(room);
  await client.userState.begin(nothing);
  await (await client.room(room)).markRead(5);
  await client.userState.begin(nothing);
  await client.userState.setLevel(id, 'none');
  await client.userState.setIgnored(mallory, true);
  await client.userState.begin(nothing);
  return { ...actor, room, heard };
}

const stored = (): readonly RequestBody<'put-state'>[] =>
  theatre.hostile.asked.flatMap((request) => (request.name === 'put-state' ? [request.body] : []));

function isAsSet({ reads, levels, ignored }: UserSettings): boolean {
  const all = [[...reads.values()], [...levels.values()], [...ignored]];
  return JSON.stringify(all) === JSON.stringify([[5], ['none'], [foldName(mallory)]]);
}

describe('a server that keeps the state of a user', () => {
  it('is given nothing of it in the clear, and sizes that hide how much there is', async () => {
    const { client, storage, room } = await settled();
    for (let number = 0; number < 30; number += 1)
      await client.userState.setIgnored(present(parseUserName(`somebody${number}`)), true);
    await client.userState.begin(nothing);
    const all = stored();
    expect(new Set(all.map(({ data }) => data.length))).toEqual(new Set([1 + 12 + 4_096 + 16]));
    const given = Buffer.concat(all.map(({ data }) => data))
      .toString('latin1')
      .toLowerCase();
    for (const secret of ['mallory', 'somebody7', room.toLowerCase()]) expect(given).not.toContain(secret);
    const [own] = storage.account.identities;
    const key = await userStateKey(present(own).keys);
    expect(given).not.toContain(Buffer.from(key).toString('latin1').toLowerCase());
  });

  it('that shows an earlier one, or none, undoes nothing: the client reports it and stores the later one again', async () => {
    for (const lie of ['earlier', 'none'] as const) {
      theatre.hostile.begin();
      const { client, heard } = await settled();
      const first = present(stored()[0]);
      const last = present(stored().at(-1));
      expect(last.version).toBeGreaterThan(first.version);
      let writes = 0;
      theatre.hostile.reply('state', () => (lie === 'none' || writes > 0 ? {} : { state: { ...first } }));
      theatre.hostile.divert('put-state', (body) => {
        writes += 1;
        theatre.hostile.honest();
        return { ...body, before: last.version };
      });
      expect(isAsSet(await client.userState.begin(nothing))).toBe(true);
      await eventually(() => expect(heard).toContainEqual({ type: 'state', kind: 'rolled_back' }));
      const again = present(stored().at(-1));
      expect([writes, again.before]).toEqual([1, lie === 'none' ? 0 : first.version]);
      expect(again.version).toBeGreaterThan(last.version);
    }
  });

  it('cannot alter it, nor pass it off as another version, identity or account, and what does not open stays', async () => {
    const other = await settled();
    const others = present(stored().at(-1));
    await other.client.close();
    const lies: readonly ((state: State) => State)[] = [
      (state) => ({ ...state, version: state.version + 1 }),
      (state) => ({ ...state, version: state.version + 1, data: others.data }),
      (state) => ({ ...state, version: state.version + 1, sequence: 7 }),
      (state) => ({ ...state, data: present(state.data).map((byte, at) => (at === 99 ? byte ^ 1 : byte)) }),
      (state) => ({ ...state, data: present(state.data).slice(0, -1) }),
      (state) => ({ ...state, data: new Uint8Array(0) }),
      ({ version, sequence }) => ({ version: version + 1, sequence }),
      (state) => ({ ...state, version: Number.MAX_SAFE_INTEGER }),
    ];
    for (const lie of lies) {
      theatre.hostile.begin();
      const { client, heard } = await settled();
      const { version, sequence, data } = present(stored().at(-1));
      const writes = stored().length;
      theatre.hostile.reply('state', () => ({ state: lie({ version, sequence, data }) }));
      expect(isAsSet(await client.userState.begin(nothing))).toBe(true);
      await eventually(() => expect(heard).toContainEqual({ type: 'state', kind: 'refused' }));
      const { ignored } = await client.userState.setIgnored(present(parseUserName('Trudy')), true);
      expect(ignored.size).toBe(2);
      await client.userState.begin(nothing);
      await client.close();
      expect(heard.filter(({ type }) => type === 'state')).toHaveLength(1);
      expect(stored()).toHaveLength(writes);
    }
  });

  it('shows one of a later release, which the client reports and does not overwrite', async () => {
    const { client, heard } = await settled();
    const { version, sequence } = present(stored().at(-1));
    const writes = stored().length;
    const data = Uint8Array.of(2, 0, 0, 0);
    theatre.hostile.reply('state', () => ({ state: { version: version + 1, sequence, data } }));
    await client.userState.setIgnored(mallory, false);
    await client.userState.begin(nothing);
    await eventually(() => expect(heard).toContainEqual({ type: 'state', kind: 'newer' }));
    await client.close();
    expect(stored()).toHaveLength(writes);
  });

  it('has what does not open replaced only if the user agreed to that very version, and is told of it again if it comes back', async () => {
    const { client, heard } = await settled();
    const { version, sequence, data } = present(stored().at(-1));
    expect(await client.userState.standing()).toEqual({ kind: 'kept' });
    const writes = stored().length;
    const broken = (ahead: number) => ({
      state: { version: version + ahead, sequence, data: present(data).slice(0, -1) },
    });
    theatre.hostile.reply('state', () => broken(1));
    const refused = await client.userState.standing();
    expect(refused).toEqual({ kind: 'refused', version: version + 1 });
    theatre.hostile.reply('state', () => broken(2));
    // Another one than the user was asked about.
    expect(await client.userState.replace(version + 1)).toEqual({ kind: 'refused', version: version + 2 });
    theatre.hostile.reply('state', () => broken(2 ** 40));
    await expect(client.userState.replace(version + 2 ** 40)).rejects.toMatchObject({ code: 'usage' });
    expect(stored()).toHaveLength(writes);

    theatre.hostile.reply('state', () => broken(2));
    theatre.hostile.divert('put-state', (body) => {
      theatre.hostile.honest();
      return { ...body, before: version };
    });
    expect(await client.userState.replace(version + 2)).toEqual({ kind: 'kept' });
    expect(stored().at(-1)).toMatchObject({ before: version + 2, version: version + 3 });
    expect(heard.filter(({ type }) => type === 'state')).toHaveLength(1);
    expect(isAsSet(await client.userState.known())).toBe(true);
    expect(await client.userState.standing()).toEqual({ kind: 'kept' });
    theatre.hostile.reply('state', () => broken(9));
    await client.userState.standing();
    await eventually(() => expect(heard.filter(({ type }) => type === 'state')).toHaveLength(2));
  });

  it('is not believed under keys that were replaced, and has what they sealed replaced too', async () => {
    const before = await settled();
    const old = present(stored().at(-1));
    await before.client.rotate();
    const { client } = await theatre.restart(before);
    await eventually(async () => {
      await client.userState.begin(nothing);
      expect(stored().at(-1)).toMatchObject({ sequence: 1 });
    });
    const sealed = present(stored().at(-1));
    expect(sealed.version).toBeGreaterThan(old.version);
    const writes = stored().length;
    // Nor does a made-up version use up the numbers.
    theatre.hostile.reply('state', () => ({ state: { ...old, version: Number.MAX_SAFE_INTEGER - 1 } }));
    expect(isAsSet(await client.userState.begin(nothing))).toBe(true);
    expect(stored()).toHaveLength(writes);
    theatre.hostile.reply('state', () => ({ state: { ...old, version: sealed.version + 1 } }));
    theatre.hostile.divert('put-state', (body) => {
      theatre.hostile.honest();
      return { ...body, before: sealed.version };
    });
    expect(isAsSet(await client.userState.begin(nothing))).toBe(true);
    expect(stored()).toHaveLength(writes + 1);
  });

  it('gets it sealed again when the client that replaced the keys ends', async () => {
    const { client } = await settled();
    await client.rotate();
    await client.close();
    expect(stored().at(-1)).toMatchObject({ sequence: 1 });
  });

  it('that never answers, or floods a client with new versions, keeps nobody from starting and ending', async () => {
    const { client } = await settled();
    for (let version = 100; version < 1_100; version += 1)
      theatre.hostile.tell({ name: 'state', body: { version } });
    await client.userState.begin(nothing);
    expect(theatre.hostile.count('state')).toBeLessThan(30);
    theatre.hostile.hold('state');
    theatre.hostile.hold('put-state');
    expect(isAsSet(await client.userState.begin(nothing))).toBe(true);
    await client.userState.setIgnored(mallory, false);
    await client.close();
  });

  it('that always says that another device was faster is asked a few times, and then left for a while', async () => {
    const { client } = await settled();
    theatre.hostile.begin();
    theatre.hostile.divert('put-state', (body) => ({ ...body, before: 1_000_000, version: 1_000_001 }));
    await client.userState.setIgnored(mallory, false);
    await client.userState.begin(nothing);
    expect(stored()).toHaveLength(3);
  });
});
