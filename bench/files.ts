/**
 * npx tsx bench/files.ts --help
 * How fast files go in and out, what they cost the gateway, and whether its memory and other people's pings notice.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FileSource, Room, SharedFile } from '../client/sdk/index.ts';
import { Child, numberIn } from '../loadtest/native/parent-and-child.ts';
import { cpuMicros, residentBytes } from '../loadtest/native/process-accounting.ts';
import { chunkPath } from '../src/protocol/file-transfers.ts';
import { FILE_CHUNK_BYTES } from '../src/protocol/limits.ts';
import type { GatewayProcess } from '../test/support/cluster/gateway-process.ts';
import { type Device, People } from '../test/support/cluster/people.ts';
import { RawSession } from '../test/support/cluster/raw-session.ts';
import { bearer } from '../test/support/raw-file.ts';
import { type Deployment, deploy, kindsOf } from './support/deployment.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions('Measures transfers of files by the SDK, in one process beside the gateway.', {
  kinds: ['embedded,cluster,bucket', 'embedded,cluster'],
  mib: ['128', 'of the file that is sent and fetched'],
  'large-mib': ['1024', 'of the file by which memory is judged; 0: none'],
  uploads: ['10', 'at once, each of a tenth of that file'],
  readers: ['10', 'at once that take 10 KB a second each'],
});

const MIB = 1_024 * 1_024;
const MB = 1_000_000;
const SAMPLE_MS = 50;
const SLOW_BYTES = 1_024;
const SLOW_EVERY_MS = 100;
const SLOW_MS = 10_000;
const LIMITS = { MAX_FILE_BYTES: String(4_096 * MIB), MAX_UPLOADS_PER_USER: '100' };

/** Repeats itself, which nobody notices: it is encrypted. */
const noise = new Uint8Array(randomBytes(16 * MIB));

function sourceOf(size: number): FileSource {
  const read = async (offset: number, length: number) => {
    const at = offset % (noise.length - FILE_CHUNK_BYTES);
    return noise.subarray(at, at + length);
  };
  return { name: 'noise', type: 'application/octet-stream', size, read };
}

class Bench {
  readonly #gateway: GatewayProcess;
  readonly #pinger: Child;

  constructor(gateway: GatewayProcess, pinger: Child) {
    this.#gateway = gateway;
    this.#pinger = pinger;
  }

  /** Prints a row of the table. Gives what the work gave. */
  async row<T>(what: string, bytes: number, work: () => Promise<T>): Promise<T> {
    const { pid } = this.#gateway;
    await this.#p99();
    const cpu = cpuMicros(pid);
    let rss = residentBytes(pid);
    const sampling = setInterval(() => {
      rss = Math.max(rss, residentBytes(pid));
    }, SAMPLE_MS);
    const startedAt = performance.now();
    const result = await work();
    const seconds = (performance.now() - startedAt) / 1_000;
    clearInterval(sampling);
    const cpuMsPerMb = (cpuMicros(pid) - cpu) / 1_000 / (bytes / MB);
    const speed = bytes / MB / seconds;
    const figures = [speed.toFixed(1), cpuMsPerMb.toFixed(1), (rss / MIB).toFixed(0)];
    printRow(what, ...figures, (await this.#p99()).toFixed(1));
    return result;
  }

  async #p99(): Promise<number> {
    const taken = await this.#pinger.call('take');
    return 'p99Ms' in taken ? numberIn(taken, 'p99Ms') : Number.NaN;
  }
}

function download(room: Room, file: SharedFile): Promise<void> {
  return room.download(file, { write: async () => undefined });
}

/** Connections that ask for a whole chunk, and take it in slowly. */
async function slowly(url: string, device: Device, room: Room, { file }: SharedFile): Promise<void> {
  await using session = await RawSession.open({ url, account: device.storage.account });
  const { ticket } = await session.request('download', { room: room.id, file });
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: Number(values.readers) }, (_, number): Socket => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    const head = [
      `GET ${chunkPath(file, number)} HTTP/1.1`,
      'Host: bench',
      `Authorization: ${bearer(ticket)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return socket.pause();
  });
  const reading = setInterval(() => {
    for (const socket of sockets) socket.read(SLOW_BYTES);
  }, SLOW_EVERY_MS);
  await pause(SLOW_MS);
  clearInterval(reading);
  for (const socket of sockets) socket.destroy();
}

async function run(deployment: Deployment): Promise<void> {
  const gateway = await deployment.start(LIMITS);
  await using people = new People();
  const device = await people.register('bench', gateway.url);
  await device.client.create('Files');
  const room = await device.client.room('Files');
  await using pinger = new Child(new URL('support/pinger.ts', import.meta.url));
  await pinger.call('start', { url: gateway.url });
  const bench = new Bench(gateway, pinger);
  printHead(
    `${deployment.kind}: ${deployment.store}`,
    ...['MB/s', 'gateway CPU, ms/MB', 'RSS at most, MiB', 'ping p99, ms'],
  );
  const size = Number(values.mib) * MIB;
  await bench.row('nothing, for 3 s', MB, () => pause(3_000));
  const sent = await bench.row(`up, ${values.mib} MiB`, size, () => room.upload(sourceOf(size)));
  await bench.row(`down, ${values.mib} MiB`, size, () => download(room, sent));
  const many = Number(values.uploads);
  await bench.row(`up, ${many} at once`, size, () =>
    Promise.all(Array.from({ length: many }, () => room.upload(sourceOf(Math.floor(size / many))))),
  );
  const taken = Number(values.readers) * ((SLOW_BYTES * SLOW_MS) / SLOW_EVERY_MS);
  await bench.row(`${values.readers} readers of 10 KB/s`, taken, () =>
    slowly(gateway.url, device, room, sent),
  );
  const large = Number(values['large-mib']);
  if (large > 0) await bench.row(`up, ${large} MiB`, large * MIB, () => room.upload(sourceOf(large * MIB)));
}

for (const kind of kindsOf(values.kinds)) {
  await using deployment = await deploy(kind);
  await run(deployment);
}
