import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileSource, Room, SharedFile, TransferOptions } from '../../client/sdk/index.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { promptBackends, ratesOff } from '../support/cluster/patience.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { fillUp, mountSmallDisk, skipUnlessMountable } from '../support/services/small-disk.ts';
import { TcpRelay } from '../support/tcp-relay.ts';

const CHUNKS = 24;
const LARGE_BYTES = 50_000_000;
/** A store in Python takes a minute for it, beside other work. */
const LARGE_MS_MAX = 600_000;
const DISK_MIB = 160;
/** An outage, or a full disk, has been noticed when so many chunks were refused for it. */
const REFUSED_MIN = 3;

function sourceOf(bytes: Uint8Array): FileSource {
  const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  return { name: 'a.bin', type: 'application/octet-stream', size: bytes.length, read };
}

async function downloaded(room: Room, file: SharedFile, options: TransferOptions = {}) {
  const parts: Uint8Array[] = [];
  await room.download(file, { write: async (bytes) => void parts.push(new Uint8Array(bytes)) }, options);
  return new Uint8Array(Buffer.concat(parts));
}

async function roomOf({ client }: Device, name: string): Promise<Room> {
  await client.create(name);
  return client.room(name);
}

/** Calls `act` once, when so much has moved. */
function onceAt(bytes: number, step: string, act: () => Promise<unknown>) {
  let acting: Promise<unknown> | undefined;
  const onProgress: TransferOptions['onProgress'] = (progress) => {
    if (progress.step === step && progress.done >= bytes) acting ??= act();
  };
  return { onProgress, acted: async () => acting ?? expect.unreachable('too little moved') };
}

async function untilRefused({ metrics }: GatewayProcess): Promise<void> {
  const line = /^conclave_file_transfers_total\{direction="put",outcome="unavailable"\} (\d+)$/m;
  await eventually(async () =>
    expect(Number(line.exec(await metrics())?.[1] ?? 0)).toBeGreaterThanOrEqual(REFUSED_MIN),
  );
}

test('an upload goes on with the same chunks when a lone gateway is killed and started again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-files-'));
  try {
    const env = { DATA_DIR: join(folder, 'data'), ...ratesOff };
    const before = await startGateway(env);
    await using balancer = await TcpBalancer.start([before.url]);
    await using people = new People();
    const room = await roomOf(await people.register('Bob', balancer.url), 'Restarted');
    const bytes = new Uint8Array(randomBytes(CHUNKS * FILE_CHUNK_BYTES));
    let after: AsyncDisposable | undefined;
    const { acted, onProgress } = onceAt(4 * FILE_CHUNK_BYTES, 'uploading', async () => {
      await before.kill();
      const restarted = await startGateway(env);
      balancer.add(restarted.url);
      after = restarted;
    });
    const file = await room.upload(sourceOf(bytes), { onProgress });
    await acted();
    expect(Buffer.compare(await downloaded(room, file), bytes)).toBe(0);
    await after?.[Symbol.asyncDispose]();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an upload and a download of 50 MB go on at the other gateway when the first is killed, and the file is right', {
  timeout: LARGE_MS_MAX,
}, async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const [first, second] = cluster.gateways;
  if (first === undefined || second === undefined) expect.unreachable();
  await using balancer = await TcpBalancer.start([first.url]);
  await using people = new People();
  const device = await people.register('Bob', balancer.url);
  const room = await roomOf(device, 'Moved');
  const bytes = new Uint8Array(randomBytes(LARGE_BYTES));
  let begun: readonly { readonly key: string }[] = [];
  const killed = onceAt(LARGE_BYTES / 4, 'uploading', async () => {
    begun = await device.storage.state.list('uploads');
    balancer.add(second.url);
    await first.kill();
  });
  const file = await room.upload(sourceOf(bytes), killed);
  await killed.acted();
  // The same upload, of which the first gateway had stored a part.
  expect(begun.map(({ key }) => key)).toEqual([file.file]);
  const stored = /^conclave_file_bytes_total\{direction="put"\} (\d+)$/m.exec(await second.metrics())?.[1];
  expect(Number(stored)).toBeLessThan(0.85 * LARGE_BYTES);

  const third = await cluster.add();
  const again = onceAt(LARGE_BYTES / 4, 'downloading', async () => {
    balancer.add(third.url);
    await second.kill();
  });
  expect(Buffer.compare(await downloaded(room, file, again), bytes)).toBe(0);
  await again.acted();
});

test('an upload waits while the store is away, and goes on when it is back', async () => {
  await using cluster = await startCluster({ gateways: 1, ownMongo: true, env: promptBackends });
  const [gateway] = cluster.gateways;
  if (gateway === undefined) expect.unreachable();
  await using people = new People();
  const room = await roomOf(await people.register('Bob', gateway.url), 'Outage');
  const bytes = new Uint8Array(randomBytes(CHUNKS * FILE_CHUNK_BYTES));
  const outage = onceAt(4 * FILE_CHUNK_BYTES, 'uploading', async () => {
    cluster.mongo?.pause();
    try {
      await untilRefused(gateway);
    } finally {
      cluster.mongo?.resume();
    }
  });
  const file = await room.upload(sourceOf(bytes), { ...outage, isPatient: true });
  await outage.acted();
  expect(Buffer.compare(await downloaded(room, file, { isPatient: true }), bytes)).toBe(0);
});

test('an upload waits while the disk of its gateway is full, and goes on when there is room', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(DISK_MIB);
  await using gateway = await startGateway({ DATA_DIR: join(disk.path, 'data'), ...ratesOff });
  await using people = new People();
  const room = await roomOf(await people.register('Bob', gateway.url), 'Full');
  const bytes = new Uint8Array(randomBytes(CHUNKS * FILE_CHUNK_BYTES));
  const full = onceAt(4 * FILE_CHUNK_BYTES, 'uploading', async () => {
    const ballast = join(disk.path, 'ballast');
    fillUp(disk.path, ballast);
    try {
      await untilRefused(gateway);
    } finally {
      await rm(ballast);
    }
  });
  const file = await room.upload(sourceOf(bytes), { ...full, isPatient: true });
  await full.acted();
  expect(Buffer.compare(await downloaded(room, file), bytes)).toBe(0);
});

interface Fault {
  readonly kind: 'cut' | 'altered';
  /** How often. */
  readonly times: number;
}

/** A network that cuts a connection, or changes a bit on it, in the middle of a chunk on its way to the client. */
function hostileWay(url: string, { kind, times }: Fault): Promise<TcpRelay> {
  const { hostname: host, port } = new URL(url);
  let faults = 0;
  return TcpRelay.start({
    target: () => ({ host, port: Number(port) }),
    carry: ({ client, server }) => {
      let carried = 0;
      client.pipe(server);
      server.on('data', (part: Buffer) => {
        // Sessions carry less.
        const at = FILE_CHUNK_BYTES / 2 - carried;
        carried += part.length;
        const isHere = at >= 0 && at < part.length && faults < times;
        if (isHere) faults += 1;
        if (isHere && kind === 'cut') {
          client.write(part.subarray(0, at));
          client.resetAndDestroy();
          return;
        }
        if (isHere) part[at] = (part[at] ?? 0) ^ 1;
        client.write(part);
      });
      server.on('end', () => client.end());
    },
  });
}

test.each([
  { kind: 'cut', times: 5, expected: 'right' },
  { kind: 'altered', times: 1, expected: 'refused' },
] as const)(
  'a download whose chunks are $kind on the way is $expected, and never a wrong file',
  async ({ expected, ...fault }) => {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-files-'));
    try {
      await using gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
      await using people = new People();
      const bytes = new Uint8Array(randomBytes(3 * FILE_CHUNK_BYTES));
      const own = await roomOf(await people.register('Bob', gateway.url), 'Hostile');
      const file = await own.upload(sourceOf(bytes));
      await using way = await hostileWay(gateway.url, fault);
      const eve = await people.register('Eve', `ws://${way.address}`);
      await eve.client.join('Hostile');
      const room = await eve.client.room('Hostile');
      const outcome = await downloaded(room, file).then(
        (got) => (Buffer.compare(got, bytes) === 0 ? 'right' : 'wrong'),
        (error: { readonly code?: string }) => (error.code === 'trust' ? 'refused' : `${error}`),
      );
      expect(outcome).toBe(expected);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
