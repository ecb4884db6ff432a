import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BoundedWebSocket } from '../../client/cli/bounded-web-socket.ts';
import { newRecoveryCode, recoveryKeys } from '../../client/crypto/sealed-account.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { confirmedAccount, type Dialling, fetchBackup } from '../../client/sdk/backup/fetched-backup.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import type { Notice } from '../../client/sdk/notice.ts';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import type { RequestBody } from '../../src/protocol/requests.ts';
import { impostorOf } from '../support/hostile/swap-keys.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await Theatre.open();
});
afterEach(() => theatre.hostile.begin());
afterAll(() => theatre[Symbol.asyncDispose]());

function dialling(url: string = theatre.hostile.url): Dialling {
  return {
    ...{ origin: present(parseOrigin(url)), webSocket: BoundedWebSocket },
    ...{ clock: systemClock, program: 'empty machine' },
  };
}

const fetched = (name: string, code: Parameters<typeof fetchBackup>[2], url?: string) =>
  fetchBackup(dialling(url), present(parseUserName(name)), code);

/** What the server was given to store, oldest first. */
function stored(): readonly RequestBody<'put-backup'>[] {
  return theatre.hostile.asked.flatMap((request) => (request.name === 'put-backup' ? [request.body] : []));
}

/** Ends the client, and gives what it said until then. */
async function lastNotices({ client }: Actor): Promise<readonly Notice[]> {
  const heard: Notice[] = [];
  const listening = (async () => {
    for await (const notice of client.notices()) heard.push(notice);
  })();
  await client.close();
  await listening;
  return heard;
}

describe('a server that keeps a backup', () => {
  it('is given neither the code, nor the key, nor anything of the account in the clear', async () => {
    const name = theatre.name('Alice');
    const alice = await theatre.actor(name);
    const { code } = await alice.client.backup.make();
    const { origin } = dialling();
    const { key, token } = await recoveryKeys(code, origin, foldName(present(parseUserName(name))));
    const [own] = alice.storage.account.identities;
    const told = stored();
    const given = Buffer.concat(
      told.flatMap(({ data, commit }) => [data, ...(commit ? [commit.token] : [])]),
    );
    const secrets = [key, token, utf8(code), present(own).keys.rsa, present(own).keys.ed25519, utf8(name)];
    for (const secret of secrets) expect(given.includes(Buffer.from(secret))).toBe(false);
    expect(told.at(-1)?.commit?.token).toEqual(await sha256(token));
    expect(told.map(({ data }) => data.length % 16_384)).toEqual([28]);
  });

  it('cannot alter it, nor pass it off as of another version, identity or account', async () => {
    const name = theatre.name('Alice');
    const [alice, bob] = [await theatre.actor(name), await theatre.actor(theatre.name('Bob'))];
    const { code } = await alice.client.backup.make();
    const { id: otherUser } = await bob.client.me();
    type Reply = Parameters<Parameters<typeof theatre.hostile.reply<'fetch-backup'>>[1]>[0];
    const lies: readonly ((reply: Reply) => Reply)[] = [
      (reply) => ({ ...reply, version: reply.version + 1 }),
      (reply) => ({ ...reply, sequence: 1 }),
      (reply) => ({ ...reply, user: otherUser }),
      (reply) => ({ ...reply, data: reply.data.map((byte, at) => (at === 99 ? byte ^ 1 : byte)) }),
      (reply) => ({ ...reply, data: reply.data.slice(0, -1) }),
      (reply) => ({ ...reply, data: new Uint8Array(0) }),
      (reply) => ({ ...reply, data: concatBytes(reply.data, reply.data) }),
    ];
    for (const lie of lies) {
      theatre.hostile.reply('fetch-backup', lie);
      await expect(fetched(name, code)).rejects.toMatchObject({ code: 'trust' });
    }
    theatre.hostile.honest();
    expect(await fetched(name, code)).toMatchObject({ version: 1 });
  });

  it('that changes the version with every part ends the restore', async () => {
    const name = theatre.name('Alice');
    const alice = await theatre.actor(name);
    const { code } = await alice.client.backup.make();
    const { id: user } = await alice.client.me();
    let version = 1;
    const answer = () => {
      version += 1;
      return { user, version, sequence: 0, parts: 16, at: 0, data: new Uint8Array(1) };
    };
    theatre.hostile.reply('fetch-backup', answer);
    theatre.hostile.instead('fetch-backup', answer);
    await expect(fetched(name, code)).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('fetch-backup')).toBe(6);
  });

  it('learns no token that another server would take, from somebody who types a code at the wrong address', async () => {
    const name = theatre.name('Alice');
    const alice = await theatre.actor(name, { honestly: true });
    const { code } = await alice.client.backup.make();
    const home = present(parseOrigin(theatre.gateway.url));
    theatre.hostile.divert('hello', (hello) => ({ ...hello, origin: home }));
    await expect(fetched(name, code)).rejects.toMatchObject({ code: 'auth_failed' });
    expect(await fetched(name, code, theatre.gateway.url)).toMatchObject({ version: 1 });
  });

  it('cannot tell a wrong code from a name that nobody has', async () => {
    const name = theatre.name('Alice');
    await (await theatre.actor(name)).client.backup.make();
    const refusals = [];
    for (const [who, code] of [
      [name, newRecoveryCode()],
      [theatre.name('Nobody'), newRecoveryCode()],
    ] as const)
      refusals.push(await fetched(who, code).catch((error: unknown) => error));
    expect(refusals).toMatchObject([{ code: 'auth_failed' }, { code: 'auth_failed' }]);
    expect(String(refusals[0])).toBe(String(refusals[1]));
  });

  it('has the restored account refused when it shows other keys under its name', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const { name } = alice.storage.account;
    const { code } = await alice.client.backup.make();
    const { content } = await fetched(name, code);
    const impostor = await impostorOf(alice);
    theatre.hostile.reply('identity', (reply) => ({ ...reply, chain: [impostor] }));
    await expect(confirmedAccount(dialling(), content)).rejects.toMatchObject({ code: 'trust' });
    theatre.hostile.honest();
    expect((await confirmedAccount(dialling(), content)).account).toEqual(alice.storage.account);
  });

  it('that goes back to an earlier one is found out by a device that knows a later one, which replaces it', async () => {
    const [alice, bob] = [
      await theatre.actor(theatre.name('Alice')),
      await theatre.actor(theatre.name('Bob')),
    ];
    await alice.client.backup.make();
    const { code, version } = await alice.client.backup.make();
    const { stored: last } = await alice.client.backup.status();
    theatre.hostile.reply('backup', ({ backup }) =>
      backup === undefined ? {} : { backup: { ...backup, version: version - 1 } },
    );
    expect(await alice.client.backup.status()).toMatchObject({ state: 'rolled_back', known: version });
    theatre.hostile.divert('put-backup', (body) =>
      body.commit === undefined ? body : { ...body, commit: { ...body.commit, before: version } },
    );
    // Whoever is met for the first time makes the backup due before the client ends.
    await alice.client.safetyNumber((await bob.client.me()).user);
    expect(await lastNotices(alice)).toContainEqual({ type: 'backup', state: 'rolled_back' });
    theatre.hostile.honest();
    const again = await fetched(alice.storage.account.name, code);
    expect(again.version).toBeGreaterThan(present(last).version);
  });

  it('that lost it, or has one with another code, is reported, and nothing is stored over it', async () => {
    for (const state of ['gone', 'elsewhere'] as const) {
      const [alice, bob] = [
        await theatre.actor(theatre.name('Alice')),
        await theatre.actor(theatre.name('Bob')),
      ];
      await alice.client.backup.make();
      theatre.hostile.begin();
      theatre.hostile.reply('backup', ({ backup }) =>
        state === 'gone' || backup === undefined ? {} : { backup: { ...backup, token: new Uint8Array(32) } },
      );
      await alice.client.safetyNumber((await bob.client.me()).user);
      expect(await lastNotices(alice)).toContainEqual({ type: 'backup', state });
      expect(theatre.hostile.count('put-backup')).toBe(0);
    }
  });

  it('shows an empty machine an old one as of its own date, which is what a person compares', async () => {
    const [alice, bob] = [
      await theatre.actor(theatre.name('Alice')),
      await theatre.actor(theatre.name('Bob')),
    ];
    const { name } = alice.storage.account;
    const { code, madeAt } = await alice.client.backup.make();
    const old = await fetched(name, code);
    await alice.client.safetyNumber((await bob.client.me()).user);
    await alice.client.close();
    const latest = await fetched(name, code);
    expect(latest.version).toBe(old.version + 1);
    expect(old.madeAt).toBe(madeAt);
    expect(latest.madeAt).toBeGreaterThan(old.madeAt);
    expect(latest.fingerprint).toBe(old.fingerprint);
  });
});
