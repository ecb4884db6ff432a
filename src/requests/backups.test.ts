import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import type { ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { BACKUP_UPLOAD_LIFE_MS } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';
import { closeAccount } from './account-changes.ts';
import { fetchBackup } from './backups.ts';

const ADDRESS = '192.0.2.7';

describe('the backup of an account', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let caller: Caller;
  let token: Uint8Array;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
    caller = callerOf(await ann.login(a.core), 'session of Ann');
    token = new Uint8Array(randomBytes(32));
  });

  const parts = [new Uint8Array(300).fill(1), new Uint8Array(200).fill(2)];

  /** The requests that store these parts as one version. */
  function requestsFor(version: number, before: number): readonly RequestBody<'put-backup'>[] {
    const upload = new Uint8Array(randomBytes(16));
    const hash = new Uint8Array(createHash('sha256').update(token).digest());
    const commit = { version, before, sequence: 0, token: hash, parts: parts.length };
    return parts.map((data, part) => ({
      ...{ upload, part, data },
      ...(part === parts.length - 1 && { commit }),
    }));
  }

  async function store(version: number, before: number): Promise<void> {
    for (const body of requestsFor(version, before)) accepted(await a.requests['put-backup'](caller, body));
  }

  const fetched = (body: Partial<RequestBody<'fetch-backup'>> = {}, address = ADDRESS) =>
    fetchBackup(b.core, address, { name: ann.name, token, part: 0, ...body });

  it('is given, part by part and on any node, to whoever has its token', async () => {
    await store(1, 0);
    const { user } = caller;
    for (const [part, data] of parts.entries()) {
      const body = { user, version: 1, sequence: 0, parts: 2, at: expect.any(Number), data };
      expect(await fetched({ part })).toEqual(body);
    }
    expect(await fetched({ part: 2 })).toMatchObject({ refused: 'bad_request' });
    expect(await b.requests.backup(caller, {})).toMatchObject({ backup: { version: 1, sequence: 0 } });
  });

  it('is refused alike to a wrong token, for an unknown name, and for an account without one', async () => {
    const refused = { refused: 'auth_failed' };
    const withoutBackup = await fetched();
    await store(1, 0);
    const answers = [
      withoutBackup,
      await fetched({ token: new Uint8Array(32) }),
      await fetched({ name: (await KeyedPerson.make('Nobody')).name }),
    ];
    for (const answer of answers) expect(answer).toEqual(withoutBackup);
    expect(withoutBackup).toMatchObject(refused);
  });

  it('takes the place of the version that its maker had seen, and of no other', async () => {
    await store(4, 0);
    await store(5, 4);
    for (const before of [0, 4]) {
      const [first, last] = requestsFor(6, before);
      if (first === undefined || last === undefined) expect.unreachable();
      accepted(await a.requests['put-backup'](caller, first));
      expect(await a.requests['put-backup'](caller, last)).toMatchObject({ refused: 'conflict' });
    }
    const [, last] = requestsFor(5, 5);
    if (last === undefined) expect.unreachable();
    expect(await a.requests['put-backup'](caller, last)).toMatchObject({ refused: 'bad_request' });
    expect(await fetched()).toMatchObject({ version: 5 });
  });

  it('is not put together from parts that are missing or over', async () => {
    const [first, last] = requestsFor(1, 0);
    if (first === undefined || last === undefined) expect.unreachable();
    expect(await a.requests['put-backup'](caller, last)).toMatchObject({ refused: 'conflict' });
    expect(await b.requests.backup(caller, {})).toEqual({});
    expect(BACKUP_UPLOAD_LIFE_MS).toBeGreaterThan(0);
  });

  it('counts wrong tokens, by name and address and by address, and right ones not at all', async () => {
    const rate = (count: number) => ({ count, periodMs: 3_600_000, burst: count });
    ({ world, a, b } = await twoNodes([ann], {
      rateBackupTriesName: rate(3),
      rateBackupTriesAddress: rate(4),
    }));
    caller = callerOf(await ann.login(a.core), 's');
    await store(1, 0);
    for (let time = 0; time < 10; time += 1) accepted(await fetched());
    const wrong = { token: new Uint8Array(32) };
    for (let time = 0; time < 3; time += 1)
      expect(await fetched(wrong)).toMatchObject({ refused: 'auth_failed' });
    expect(await fetched(wrong)).toMatchObject({ refused: 'rate_limited' });
    expect(await fetched()).toMatchObject({ refused: 'rate_limited' });
    // Nobody at another address is held up by it.
    expect(await fetched({}, '192.0.2.8')).toMatchObject({ version: 1 });
    const other = (await KeyedPerson.make('Other')).name;
    expect(await fetched({ name: other })).toMatchObject({ refused: 'auth_failed' });
    expect(await fetched({ name: other })).toMatchObject({ refused: 'rate_limited' });
  });

  it('is gone once it was deleted, and with the account', async () => {
    await store(1, 0);
    accepted(await b.requests['delete-backup'](caller, {}));
    expect(await fetched()).toMatchObject({ refused: 'auth_failed' });
    await store(1, 0);
    const at = greeting();
    accepted(await closeAccount(a.core, at, caller, { signature: await ann.closing(at) }));
    expect(await fetched()).toMatchObject({ refused: 'auth_failed' });
    await eventually(async () => expect(await world.stores.backups.head(caller.user)).toBeUndefined());
    const [first] = requestsFor(1, 0);
    if (first === undefined) expect.unreachable();
    expect(await a.requests['put-backup'](caller, first)).toMatchObject({ refused: 'unauthenticated' });
  });

  it('is stored at a limited rate', async () => {
    const limits = { rateBackupsUser: { count: 2, periodMs: 3_600_000, burst: 2 } };
    ({ a } = await twoNodes([ann], limits));
    caller = callerOf(await ann.login(a.core), 's');
    await store(1, 0);
    const [first] = requestsFor(2, 1);
    if (first === undefined) expect.unreachable();
    expect(await a.requests['put-backup'](caller, first)).toMatchObject({ refused: 'rate_limited' });
  });

  it('of an account that an operator disabled is refused as if there were none', async () => {
    await store(1, 0);
    await world.stores.identities.setDisabled(caller.user, true);
    expect(await fetched()).toMatchObject({ refused: 'auth_failed' });
  });
});
