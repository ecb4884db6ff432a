import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Target } from '../../../src/ports/targets.ts';
import { type GoProgram, goProgram } from '../programs/go-program.ts';
import { type RunningServer, type ServerOptions, startServer } from './server-process.ts';

const REGION = 'test-region-1';
const ACCESS_KEY_ID = 'conclave-tests';
const SECRET_ACCESS_KEY = 'never/used+elsewhere';
const BUCKET = 'chunks';

export interface S3Server extends RunningServer {
  readonly target: S3Target;
  /** Where its disk has the object of that key, or all that are below it. */
  place(key: string): string;
  /** Keys and contents of all objects below that prefix. */
  objectsBelow(prefix: string): readonly Buffer[];
}

/** The configuration of a gateway that keeps files there. */
export function s3Settings(target: S3Target): Readonly<Record<string, string>> {
  return {
    S3_ENDPOINT: target.endpoint.origin,
    S3_BUCKET: target.bucket,
    S3_REGION: target.region,
    S3_ACCESS_KEY_ID: target.accessKeyId,
    S3_SECRET_ACCESS_KEY: target.secretAccessKey,
    S3_PATH_STYLE: target.isPathStyle ? 'on' : 'off',
    S3_PREFIX: target.prefix,
  };
}

export function s3Program(say: (line: string) => void): Promise<GoProgram> {
  const folder = join('test', 'support', 'services', 's3-server');
  return goProgram(folder, say, 'github.com/versity/versitygw/cmd/versitygw');
}

export interface S3ServerOptions extends ServerOptions {
  readonly dir: string;
  /** Buckets are labels before this name, as well as in paths. */
  readonly domain?: string;
}

/** Versity's S3 gateway over a folder, with one bucket in it. Built when it is not there yet. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const program = await s3Program((line) => void process.stderr.write(`${line}\n`));
  if (!program.ok) throw new Error(program.problem);
  const folders = { data: join(options.dir, 'data'), sidecar: join(options.dir, 'sidecar') };
  const bucket = join(folders.data, BUCKET);
  mkdirSync(bucket, { recursive: true });
  mkdirSync(folders.sidecar, { recursive: true });
  const server = await startServer(
    {
      name: 's3',
      command: (port) => [
        program.path,
        ...['--port', `127.0.0.1:${port}`, '--region', REGION, '--quiet', '--keep-alive'],
        ...(options.domain === undefined ? [] : ['--virtual-domain', options.domain]),
        ...['--access', ACCESS_KEY_ID, '--secret', SECRET_ACCESS_KEY],
        ...['posix', '--sidecar', folders.sidecar, folders.data],
      ],
      url: (port) => `http://127.0.0.1:${port}`,
      probe: async (port) => void (await fetch(`http://127.0.0.1:${port}/`)),
    },
    options,
  );
  return Object.assign(server, {
    target: {
      endpoint: new URL(server.url),
      bucket: BUCKET,
      region: REGION,
      accessKeyId: ACCESS_KEY_ID,
      secretAccessKey: SECRET_ACCESS_KEY,
      isPathStyle: true,
      prefix: 'tests',
    },
    place: (key: string) => join(bucket, key),
    objectsBelow: (prefix: string) => {
      const entries = readdirSync(join(bucket, prefix), { recursive: true, withFileTypes: true });
      return entries.flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile() ? [Buffer.from(path.slice(bucket.length)), readFileSync(path)] : [];
      });
    },
  });
}
