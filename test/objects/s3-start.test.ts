import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { S3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { StartRefused } from '../../src/ports/backend.ts';
import type { S3Target } from '../../src/ports/targets.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { hasGo } from '../support/programs/skip-without-go.ts';
import type { S3Server } from '../support/services/s3-server.ts';
import { startOwnS3 } from './support-s3.ts';

const CLUSTER = 'this-cluster';
const HOUR_MS = 3_600_000;
const bytes = new Uint8Array([1, 2, 3]);

describe.skipIf(!hasGo())('a bucket at the start of a gateway', () => {
  let s3: S3Server;
  let opened: S3ObjectStore[] = [];
  beforeEach(async () => {
    s3 = await startOwnS3();
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const store of opened) store.close();
    opened = [];
    await s3[Symbol.asyncDispose]();
  });

  function open(changes: Partial<S3Target> = {}, heard: Partial<Telemetry> = {}): S3ObjectStore {
    const store = new S3ObjectStore({
      target: { ...s3.target, ...changes },
      telemetry: silentTelemetry(heard),
    });
    opened.push(store);
    return store;
  }

  test.each<[what: string, changes: Partial<S3Target>, told: RegExp]>([
    ['bucket that does not exist', { bucket: 'nowhere' }, /^CONCLAVE_S3_BUCKET="nowhere" does not exist/],
    ['key that nobody knows', { accessKeyId: 'stranger' }, /^CONCLAVE_S3_ACCESS_KEY_ID is not known/],
    ['wrong secret', { secretAccessKey: 'wrong-secret' }, /^CONCLAVE_S3_SECRET_ACCESS_KEY does not belong/],
    ['wrong region', { region: 'elsewhere' }, /^CONCLAVE_S3_REGION="elsewhere" is not the region/],
  ])('refuses a %s, names the key of the configuration, and no secret', async (_, changes, told) => {
    const refusal: unknown = await open(changes)
      .start(CLUSTER)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    const text = `${refusal} ${refusal instanceof Error ? refusal.cause : ''}`;
    expect(refusal).toMatchObject({ reason: 'configuration', message: expect.stringMatching(told) });
    expect(text).not.toContain(s3.target.secretAccessKey);
    expect(text).not.toContain('wrong-secret');
  });

  test('refuses a clock that is an hour ahead', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS });
    await expect(open().start(CLUSTER)).rejects.toThrow(/clock and that of S3 differ/);
  });

  test('refuses what another cluster claimed, and takes another prefix', async () => {
    await open().start(CLUSTER);
    await expect(open().start('another-cluster')).rejects.toThrow(/another cluster uses bucket "chunks"/);
    await open({ prefix: 'other/prefix' }).start('another-cluster');
    await open().start(CLUSTER);
  });

  test('is claimed by many gateways of one cluster at once, and all can use it', async () => {
    const stores = Array.from({ length: 8 }, () => open());
    await Promise.all(stores.map((store) => store.start(CLUSTER)));
    await Promise.all(stores.map((store, number) => store.put(`folder/${number}`, bytes)));
    expect(await stores[0]?.objects('folder')).toHaveLength(stores.length);
  });

  test('reads, lists and removes what was put, whatever letters the prefix has', async () => {
    const store = open({ prefix: 'A.b_c-1/d' });
    await store.start(CLUSTER);
    await store.put('folder-1/one', bytes);
    await store.put('folder-2/two', bytes);
    expect(await store.get('folder-1/one', 3)).toStrictEqual(bytes);
    expect(await store.get('folder-1/one', 2)).toBeUndefined();
    expect(await store.get('folder-1/none', 3)).toBeUndefined();
    expect(await store.folders('')).toEqual(['folder-1', 'folder-2']);
    expect(await store.folders('folder-1')).toEqual(['folder-2']);
    expect((await store.objects('folder-2')).map(({ name }) => name)).toEqual(['folder-2/two']);
    await store.remove(['folder-1/one', 'folder-1/none']);
    expect(await store.folders('')).toEqual(['folder-2']);
  });

  test('is waited for where it is away, and used as soon as it is there', async () => {
    await s3.kill();
    const told: boolean[] = [];
    const store = open({}, { objectsUp: (up) => void told.push(up) });
    await store.start(CLUSTER);
    expect(store.isUp()).toBe(false);
    await expect(store.put('folder/one', bytes)).rejects.toBeInstanceOf(Unavailable);
    await s3.restart();
    await eventually(() => expect(store.isUp()).toBe(true));
    await store.put('folder/one', bytes);
    expect(told).toEqual([false, true]);
  });

  test('that falls silent is given up after three tries, and used again when it answers', async () => {
    const target = { ...s3.target };
    const telemetry = silentTelemetry();
    const store = new S3ObjectStore({ target, telemetry, requestMsMax: 2_000 });
    opened.push(store);
    await store.start(CLUSTER);
    s3.pause();
    // It may answer once more before it stops.
    await eventually(() => expect(store.put('folder/one', bytes)).rejects.toBeInstanceOf(Unavailable));
    expect(store.isUp()).toBe(false);
    // Asks nobody while it is away.
    await expect(store.get('folder/one', 3)).rejects.toBeInstanceOf(Unavailable);
    s3.resume();
    await eventually(() => expect(store.isUp()).toBe(true));
    await store.put('folder/one', bytes);
    expect(await store.get('folder/one', 3)).toStrictEqual(bytes);
  });
});
