import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileSource, Room, SharedFile } from '../../client/sdk/index.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';

const CHUNKS = 24;

function sourceOf(bytes: Uint8Array): FileSource {
  const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  return { name: 'a.bin', type: 'application/octet-stream', size: bytes.length, read };
}

async function downloaded(room: Room, file: SharedFile) {
  const parts: Uint8Array[] = [];
  await room.download(file, { write: async (bytes) => void parts.push(new Uint8Array(bytes)) });
  return new Uint8Array(Buffer.concat(parts));
}

test('an upload goes on with the same chunks when a lone gateway is killed and started again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-files-'));
  try {
    const env = { DATA_DIR: join(folder, 'data'), ...ratesOff };
    const before = await startGateway(env);
    await using balancer = await TcpBalancer.start([before.url]);
    await using people = new People();
    const { client } = await people.register('Bob', balancer.url);
    await client.create('Restarted');
    const room = await client.room('Restarted');
    const bytes = new Uint8Array(randomBytes(CHUNKS * FILE_CHUNK_BYTES));
    let restarting: Promise<AsyncDisposable> | undefined;
    const restart = async () => {
      await before.kill();
      const after = await startGateway(env);
      balancer.add(after.url);
      return after;
    };
    const file = await room.upload(sourceOf(bytes), {
      onProgress: ({ step, done }) => {
        if (step === 'uploading' && done >= 4 * FILE_CHUNK_BYTES) restarting ??= restart();
      },
    });
    const after = await restarting;
    expect(after).toBeDefined();
    expect(Buffer.compare(await downloaded(room, file), bytes)).toBe(0);
    await after?.[Symbol.asyncDispose]();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
