import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Room, SharedFile, TransferOptions } from '../../client/sdk/index.ts';
import type { S3Target } from '../../src/adapters/s3/s3-requests.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { startOwnS3 } from './support-s3.ts';

const CHUNKS = 24;

function settingsOf(target: S3Target): Readonly<Record<string, string>> {
  return {
    S3_ENDPOINT: target.endpoint.origin,
    S3_BUCKET: target.bucket,
    S3_REGION: target.region,
    S3_ACCESS_KEY_ID: target.accessKeyId,
    S3_SECRET_ACCESS_KEY: target.secretAccessKey,
    S3_PREFIX: target.prefix,
  };
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
  await using cluster = await startCluster({ gateways: 1, env: settingsOf(s3.target) });
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
  const file = await room.upload(
    {
      name: 'a.bin',
      type: 'application/octet-stream',
      size: bytes.length,
      read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
    },
    upload.options,
  );
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
