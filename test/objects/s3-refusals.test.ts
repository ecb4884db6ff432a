import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { S3_TRIES, S3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { StartRefused } from '../../src/ports/backend.ts';
import type { S3Target } from '../../src/ports/targets.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { describeError } from '../../src/telemetry/logger.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { hasGo } from '../support/programs/skip-without-go.ts';
import { type S3ErrorCode, type S3Front, startS3Front } from '../support/services/s3-front.ts';
import type { S3Server } from '../support/services/s3-server.ts';
import { startOwnS3 } from './support-s3.ts';

const CLUSTER = 'this-cluster';
const DOMAIN = 's3.test';
const bytes = new Uint8Array([1, 2, 3]);

const advised: readonly (readonly [code: S3ErrorCode, advice: RegExp])[] = [
  ['AccessDenied', /^the key of CONCLAVE_S3_ACCESS_KEY_ID may not write, read, list and delete objects/],
  ['ExpiredToken', /^the key of CONCLAVE_S3_ACCESS_KEY_ID has expired/],
  ['InvalidAccessKeyId', /^CONCLAVE_S3_ACCESS_KEY_ID is not known at/],
  ['NoSuchBucket', /^CONCLAVE_S3_BUCKET="chunks" does not exist at/],
  ['PathStyleDomainForbidden', /set CONCLAVE_S3_PATH_STYLE=off$/],
  ['RequestTimeTooSkewed', /clock and that of S3 differ by more than 15 minutes/],
  ['SignatureDoesNotMatch', /^CONCLAVE_S3_SECRET_ACCESS_KEY does not belong/],
];

describe.skipIf(!hasGo())('what S3 refuses', () => {
  let s3: S3Server;
  let front: S3Front;
  let store: S3ObjectStore;
  const lines: Readonly<Record<string, unknown>>[] = [];

  beforeAll(async () => {
    s3 = await startOwnS3({ domain: DOMAIN });
  });
  afterAll(() => s3[Symbol.asyncDispose]());
  beforeEach(async () => {
    front = await startS3Front(s3.url);
    store = open({});
    lines.length = 0;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    store.close();
    await front[Symbol.asyncDispose]();
  });

  function open(changes: Partial<S3Target>): S3ObjectStore {
    const telemetry = silentTelemetry({
      warn: (event, error, details) => void lines.push({ event, error: describeError(error), ...details }),
    });
    return new S3ObjectStore({
      target: { ...s3.target, endpoint: new URL(front.url), ...changes },
      telemetry,
    });
  }

  /** Nothing that was logged helps anybody to ask S3. */
  function expectNoSecrets(): void {
    const text = JSON.stringify(lines);
    for (const secret of [s3.target.secretAccessKey, s3.target.accessKeyId, 'Signature=', 'AWS4-HMAC'])
      expect(text).not.toContain(secret);
  }

  test.each(advised)('%s ends the start, with what to do', async (code, advice) => {
    front.refuse(code);
    await expect(store.start(CLUSTER)).rejects.toMatchObject({
      name: StartRefused.name,
      reason: 'configuration',
      message: expect.stringMatching(advice),
    });
    expectNoSecrets();
  });

  test.each(advised)(
    '%s at a running gateway is not repeated, is logged with what to do, and ends when S3 takes requests again',
    async (code, advice) => {
      await store.start(CLUSTER);
      await store.put('folder/one', bytes);
      front.refuse(code);
      await expect(store.get('folder/one', 3)).rejects.toBeInstanceOf(Unavailable);
      expect(front.refused).toBe(1);
      await eventually(() => expect(store.isUp()).toBe(false));
      expect(lines).toContainEqual(
        expect.objectContaining({
          event: 'bucket_refused',
          reason: code,
          advice: expect.stringMatching(advice),
        }),
      );
      expect(lines).toContainEqual(
        expect.objectContaining({ event: 'bucket_down', advice: expect.stringMatching(advice) }),
      );
      expectNoSecrets();
      front.pass();
      await eventually(() => expect(store.isUp()).toBe(true));
      expect(await store.get('folder/one', 3)).toStrictEqual(bytes);
    },
  );

  test('SlowDown is waited out within three tries, and told when it lasts', async () => {
    await store.start(CLUSTER);
    front.refuse('SlowDown', S3_TRIES - 1);
    await store.put('folder/two', bytes);
    expect(lines).toEqual([]);
    const before = front.refused;
    front.refuse('SlowDown', S3_TRIES);
    await expect(store.put('folder/two', new Uint8Array([4]))).rejects.toBeInstanceOf(Unavailable);
    expect(front.refused - before).toBe(S3_TRIES);
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'bucket_refused',
        reason: 'SlowDown',
        advice: expect.stringMatching(/^S3 asks for fewer requests/),
      }),
    ]);
    expect(await store.get('folder/two', 3)).toStrictEqual(bytes);
  });

  test('SlowDown does not keep a gateway from starting', async () => {
    front.refuse('SlowDown');
    await store.start(CLUSTER);
    expect(store.isUp()).toBe(false);
    front.pass();
    await eventually(() => expect(store.isUp()).toBe(true));
  });

  test.each([
    ['no XML', '<html>Bad gateway</html>'],
    ['a code that is no word', '<Error><Code>https://example.org/?X-Amz-Signature=1</Code></Error>'],
    ['a code that every object has', '<Error><Code>constructor</Code></Error>'],
    ['XML without an end', '<Error><Code>'.repeat(10_000)],
  ])('an answer with %s is a refusal without advice', async (_, body) => {
    await store.start(CLUSTER);
    front.answer(418, body, 1);
    await expect(store.get('folder/one', 3)).rejects.toBeInstanceOf(Unavailable);
    expect(lines).toEqual([
      {
        event: 'bucket_refused',
        error: expect.anything(),
        reason: expect.stringMatching(/^(status 418|constructor)$/),
      },
    ]);
  });

  test('a bucket as a label before the host is asked under that name, and can do all that one in the path can', async () => {
    const { lookup } = dns;
    const resolve = ((name: string, options: dns.LookupOptions, done: () => void) =>
      lookup(name.endsWith(`.${DOMAIN}`) ? '127.0.0.1' : name, options, done)) as unknown as typeof lookup;
    vi.spyOn(dns, 'lookup').mockImplementation(resolve);
    const endpoint = new URL(front.url);
    endpoint.hostname = DOMAIN;
    const labelled = open({ endpoint, isPathStyle: false, prefix: 'labelled' });
    await labelled.start(CLUSTER);
    await labelled.put('folder/one', bytes);
    expect(await labelled.get('folder/one', 3)).toStrictEqual(bytes);
    expect(await labelled.folders('')).toEqual(['folder']);
    await labelled.remove(['folder/one']);
    expect(await labelled.objects('folder')).toEqual([]);
    labelled.close();
    expect(new Set(front.headers('host'))).toEqual(new Set([`${s3.target.bucket}.${endpoint.host}`]));
    expect(s3.objectsBelow('labelled').length).toBeGreaterThan(0);
  });

  test('a name that DNS does not know is waited for, and told', async () => {
    const endpoint = new URL('http://s3.invalid');
    const nowhere = open({ endpoint, isPathStyle: false });
    await nowhere.start(CLUSTER);
    nowhere.close();
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'bucket_down',
        advice: 'nobody knows the name chunks.s3.invalid: check DNS, or set CONCLAVE_S3_PATH_STYLE=on',
      }),
    ]);
  });
});
