import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FileSource, Room, SharedFile, TransferOptions } from '../../client/sdk/index.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { makeSignedCertificate } from '../support/services/certificate.ts';
import { startS3Front } from '../support/services/s3-front.ts';
import { s3Settings } from '../support/services/s3-server.ts';
import { startOwnS3 } from './support-s3.ts';

const CHUNKS = 24;

function sourceOf(bytes: Buffer): FileSource {
  const read: FileSource['read'] = async (offset, length) =>
    new Uint8Array(bytes.subarray(offset, offset + length));
  return { name: 'a.bin', type: 'application/octet-stream', size: bytes.length, read };
}

async function downloaded(room: Room, file: SharedFile, options: TransferOptions): Promise<Buffer> {
  const parts: Buffer[] = [];
  const write = async (bytes: Uint8Array): Promise<void> => void parts.push(Buffer.from(bytes));
  await room.download(file, { write }, options);
  return Buffer.concat(parts);
}

/** Calls `act` once, when four chunks have moved. */
function onceMoving(step: string, act: () => Promise<unknown>) {
  let acting: Promise<unknown> | undefined;
  const onProgress: TransferOptions['onProgress'] = (progress) => {
    if (progress.step === step && progress.done >= 4 * FILE_CHUNK_BYTES) acting ??= act();
  };
  return {
    options: { onProgress, isPatient: true },
    acted: async () => acting ?? expect.unreachable('too little moved'),
  };
}

async function readiness({ adminUrl }: GatewayProcess): Promise<readonly [number, unknown]> {
  const answer = await fetch(`${adminUrl}/readyz`);
  return [answer.status, await answer.json()];
}

test('while the bucket is away chat goes on, uploads and downloads wait, and no log holds the secret', async (context) => {
  skipWithoutGo(context, 'the S3 server');
  await using s3 = await startOwnS3();
  await using cluster = await startCluster({ gateways: 1, env: s3Settings(s3.target) });
  const [gateway] = cluster.gateways;
  if (gateway === undefined) expect.unreachable();
  await using people = new People();
  const { client } = await people.register('Bob', gateway.url);
  await client.create('Outage');
  const room = await client.room('Outage');
  const bytes = randomBytes(CHUNKS * FILE_CHUNK_BYTES);

  const outage = async (): Promise<void> => {
    await s3.kill();
    await eventually(async () =>
      expect(await readiness(gateway)).toEqual([200, { ready: true, degraded: ['files'] }]),
    );
    expect(await gateway.metrics()).toMatch(/^conclave_object_store_up 0$/m);
    await room.send('still here');
    await s3.restart();
    await eventually(async () => expect(await readiness(gateway)).toEqual([200, { ready: true }]));
  };
  const upload = onceMoving('uploading', outage);
  const file = await room.upload(sourceOf(bytes), upload.options);
  await upload.acted();
  const download = onceMoving('downloading', outage);
  expect(Buffer.compare(await downloaded(room, file, download.options), bytes)).toBe(0);
  await download.acted();

  // A name and a content of each.
  expect(s3.objectsBelow(`${s3.target.prefix}/${file.file}`)).toHaveLength(2 * CHUNKS);
  await room.discard(file);
  // What says whose bucket it is.
  await eventually(() => expect(s3.objectsBelow(s3.target.prefix)).toHaveLength(2));
  const page = await gateway.metrics();
  for (const text of [page, ...gateway.logs]) expect(text).not.toContain(s3.target.secretAccessKey);
  expect(gateway.logs.some((line) => line.includes('"bucket_down"'))).toBe(true);
});

test('while S3 refuses the key, uploads and downloads wait and end whole, and the log says what to do', async (context) => {
  skipWithoutGo(context, 'the S3 server');
  await using s3 = await startOwnS3();
  await using front = await startS3Front(s3.url);
  const target = { ...s3.target, endpoint: new URL(front.url) };
  await using cluster = await startCluster({ gateways: 1, env: s3Settings(target) });
  const [gateway] = cluster.gateways;
  if (gateway === undefined) expect.unreachable();
  await using people = new People();
  const { client } = await people.register('Bob', gateway.url);
  await client.create('Refused');
  const room = await client.room('Refused');
  const bytes = randomBytes(CHUNKS * FILE_CHUNK_BYTES);

  const refused = async (): Promise<void> => {
    front.refuse('AccessDenied');
    await eventually(async () =>
      expect(await readiness(gateway)).toEqual([200, { ready: true, degraded: ['files'] }]),
    );
    front.pass();
  };
  const upload = onceMoving('uploading', refused);
  const file = await room.upload(sourceOf(bytes), upload.options);
  await upload.acted();
  const download = onceMoving('downloading', refused);
  expect(Buffer.compare(await downloaded(room, file, download.options), bytes)).toBe(0);
  await download.acted();

  expect(await gateway.metrics()).toMatch(
    /^conclave_backend_errors_total\{[^}]*backend="bucket",reason="noperm"[^}]*\} [1-9]/m,
  );
  const told = gateway.logs.filter((line) => /"bucket_(refused|down)"/.test(line));
  for (const line of told)
    expect(line).toContain(
      '"advice":"the key of CONCLAVE_S3_ACCESS_KEY_ID may not write, read, list and delete',
    );
  expect(told.length).toBeGreaterThanOrEqual(2);
  for (const line of gateway.logs)
    for (const secret of [target.secretAccessKey, 'Signature=']) expect(line).not.toContain(secret);
});

test('an S3 with a certificate of a private authority is refused with what to do, and used once the authority is trusted', async (context) => {
  skipWithoutGo(context, 'the S3 server');
  await using s3 = await startOwnS3();
  await using certificate = await makeSignedCertificate('localhost');
  await using front = await startS3Front(s3.url, certificate);
  await using cluster = await startCluster({ gateways: 0 });
  const target = { ...s3.target, endpoint: new URL(front.url) };
  const env = {
    ...ratesOff,
    ...s3Settings(target),
    REDIS_URL: cluster.redis.url,
    MONGODB_URL: cluster.mongoUrl,
  };
  await expect(startGateway(env)).rejects.toThrow(
    /ended with 2:[\s\S]*does not trust the certificate of localhost:\d+: .*NODE_EXTRA_CA_CERTS=FILE\.pem/,
  );
  const runner = ['env', `NODE_EXTRA_CA_CERTS=${certificate.authorityFile}`];
  await using gateway = await startGateway(env, { runner });
  expect(await readiness(gateway)).toEqual([200, { ready: true }]);
  await using people = new People();
  const { client } = await people.register('Bob', gateway.url);
  await client.create('Private');
  const room = await client.room('Private');
  const bytes = randomBytes(FILE_CHUNK_BYTES);
  const file = await room.upload(sourceOf(bytes));
  expect(Buffer.compare(await downloaded(room, file, {}), bytes)).toBe(0);
});
