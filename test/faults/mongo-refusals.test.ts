import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMongo } from '../../src/adapters/mongo/open-mongo.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { anyMessage, anyUserId } from '../contract/support-store.ts';
import { everything } from '../contract/support-store-messages.ts';
import { dropDatabase, newDatabaseUrl, withMongo } from '../contract/support-store-mongo.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { type CommandTap, startCommandTap } from '../support/services/mongo-commands.ts';

const within = { pauseMs: 50 };
const writes: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'findAndModify']);
const refused = (code: number, codeName: string) => ({
  ok: 0,
  code,
  codeName,
  errmsg: 'not now, room 0011223344556677',
});

describe('a MongoDB that answers and refuses writes', () => {
  const mongo = withMongo();
  let url: string;
  let tap: CommandTap;
  let store: StoreBackend;
  let events: string[];
  let errors: string[];
  beforeEach(async () => {
    url = newDatabaseUrl(mongo.url);
    const { hostname, port, pathname } = new URL(url);
    tap = await startCommandTap({ host: hostname, port: Number(port) });
    [events, errors] = [[], []];
    store = openMongo({
      url: `mongodb://${tap.address}${pathname}?directConnection=true`,
      timeoutMs: PATIENCE_MS,
      telemetry: silentTelemetry({
        info: (event) => void events.push(event),
        warn: (event, _error, details) => void events.push([event, details?.['reason']].join(' ').trim()),
        backendError: (backend, reason) => void errors.push(`${backend} ${reason}`),
      }),
    });
    await store.start();
  });
  afterEach(async () => {
    await store.close();
    await tap[Symbol.asyncDispose]();
    await dropDatabase(url);
  });

  const untilUp = (up: boolean): Promise<void> => eventually(() => expect(store.isUp()).toBe(up), within);

  it.each([
    ['is full', refused(14_031, 'OutOfDiskSpace'), 'OutOfDiskSpace', 'full'],
    ['is no primary', refused(10_107, 'NotWritablePrimary'), 'NotWritablePrimary', 'notprimary'],
    ['denies its user writes', refused(13, 'Unauthorized'), 'Unauthorized', 'noperm'],
    ['blocks writes', refused(371, 'UserWritesBlocked'), 'UserWritesBlocked', 'readonly'],
    ['names a code that is not known', refused(9_999, 'Some name: with more'), 'code 9999', 'other'],
    [
      'reaches no majority',
      { ok: 1, value: null, writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: '' } },
      'WriteConcernFailed',
      'writeconcern',
    ],
  ])('makes an idle node unready when it %s, and names the reason', async (_, reply, name, reason) => {
    expect([store.isUp(), events]).toEqual([true, ['store_up']]);
    tap.answer(writes, reply);
    await untilUp(false);
    expect(events).toEqual(['store_up', `store_refused ${name}`, 'store_down']);
    expect(new Set(errors)).toEqual(new Set([`mongodb ${reason}`]));
    expect(events.join()).not.toContain('0011223344556677');
    // It is there: what only reads is served.
    const message = anyMessage();
    expect(await store.messages.page(message.room, anyUserId(), everything)).toEqual([]);
    expect(store.isUp()).toBe(false);

    tap.answer(new Set());
    await untilUp(true);
    expect(events).toEqual(['store_up', `store_refused ${name}`, 'store_down', 'store_up']);
    expect(await store.messages.append([message])).toMatchObject([{ kind: 'stored' }]);
  });

  it('stays ready when one write is refused and the next is not', async () => {
    tap.answer(writes, refused(10_107, 'NotWritablePrimary'));
    await expect(store.messages.append([anyMessage()])).rejects.toThrow(Unavailable);
    tap.answer(new Set());
    const seen = errors.length;
    expect(await store.messages.append([anyMessage()])).toMatchObject([{ kind: 'stored' }]);
    expect([store.isUp(), errors.length]).toEqual([true, seen]);
    expect(events).toEqual(['store_up', 'store_refused NotWritablePrimary']);
  });
});
