import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FIRST_TIME_MS } from '../load/load-process.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { databaseUrl } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type Container, Containers, whyNoContainers } from '../support/images/containers.ts';
import { OPTIONAL } from '../support/programs/optional.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { freePort } from '../support/services/server-process.ts';
import { makeSecrets, setUser } from './redis-access.ts';

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-image-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** The command line of a person whose keys are in `profile`; expects it to succeed. */
async function person(
  { url }: Container,
  profile: string,
  name: string,
  ...args: string[]
): Promise<CliResult> {
  const options = ['--server', url, '--profile', profile, '--user', name, '--no-passphrase', '--json'];
  const result = await cli([...options, ...args]);
  return result.code === 0 ? result : expect.unreachable(result.stdout + result.stderr);
}

function messages(result: CliResult): readonly unknown[] {
  return result.json.flatMap(({ type, text }) => (type === 'message' ? [text] : []));
}

test(
  'two containers of the image, read-only, without capabilities and with secrets in files, carry a chat, and one drains',
  async ({ skip }) => {
    const missing = await whyNoContainers();
    if (missing !== undefined) skip(OPTIONAL + missing);
    await using containers = await Containers.build();
    await using redis = await startRedisServer();
    const access = await makeSecrets(join(temporaryDir(), 'secrets'));
    await setUser(redis.port, 'conclave', access.gatewayRules);
    const token = randomBytes(16).toString('hex');
    const secrets = {
      'redis-url': `redis://conclave:${access.password}@127.0.0.1:${redis.port}`,
      'mongodb-url': databaseUrl(process.env['TEST_MONGODB_URL'] ?? expect.unreachable()),
      'gateway-admin-token': token,
    };
    const start = async (): Promise<Container> =>
      containers.start(
        {
          PORT: `${await freePort()}`,
          ADMIN_PORT: `${await freePort()}`,
          REDIS_URL_FILE: '/run/secrets/redis-url',
          MONGODB_URL_FILE: '/run/secrets/mongodb-url',
          ADMIN_TOKEN_FILE: '/run/secrets/gateway-admin-token',
          DRAIN_WAIT_SECONDS: '1',
          DRAIN_SECONDS: '5',
        },
        secrets,
      );
    await using first = await start();
    await using second = await start();

    expect(await first.exec('id', '-un')).toBe('node');
    const status = await first.exec('cat', '/proc/1/status');
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      expect(status).toMatch(new RegExp(`^${set}:\\t0+$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    await expect(first.exec('touch', '/app/written')).rejects.toThrow('Read-only file system');
    expect(await first.exec('ls', 'node_modules/uWebSockets.js/dist/bin')).toBe(
      `uws_linux_${process.arch}_127.node`,
    );
    const packages = await first.exec('sh', '-c', 'find node_modules -name package.json');
    expect(packages).toContain('node_modules/mongodb/package.json');
    expect(packages).not.toMatch(/typescript|vitest|esbuild/);
    const known = await first.inspect();
    expect(known).toContain('/run/secrets/redis-url');
    for (const secret of [access.password, token]) expect(known).not.toContain(secret);
    expect(await first.isHealthy()).toBe(true);
    // A gateway tells of itself every two seconds.
    await eventually(async () =>
      expect(await first.exec('node', 'dist/client/admin/main.js', 'nodes')).toContain('2 nodes'),
    );

    const profile = temporaryDir();
    await person(first, profile, 'ann', 'register', 'ann');
    await person(second, profile, 'bob', 'register', 'bob');
    await person(first, profile, 'ann', 'create', 'Lobby');
    await person(second, profile, 'bob', 'join', 'Lobby');
    await person(first, profile, 'ann', 'send', 'Lobby', 'from the first');
    await person(second, profile, 'bob', 'send', 'Lobby', 'from the second');
    const read = async (): Promise<readonly unknown[]> =>
      messages(await person(second, profile, 'bob', 'tail', 'Lobby'));
    expect(await read()).toEqual(['from the first', 'from the second']);

    expect(await first.drain()).toBe(0);
    await person(second, profile, 'bob', 'send', 'Lobby', 'from what is left');
    expect(await read()).toEqual(['from the first', 'from the second', 'from what is left']);
    expect(await second.drain()).toBe(0);
  },
  FIRST_TIME_MS,
);

test(
  'a container of the image that runs alone keeps accounts and token in its volume when another takes its place',
  async ({ skip }) => {
    const missing = await whyNoContainers();
    if (missing !== undefined) skip(OPTIONAL + missing);
    await using containers = await Containers.build();
    const env = { PORT: `${await freePort()}`, ADMIN_PORT: `${await freePort()}`, DRAIN_WAIT_SECONDS: '1' };
    const start = (): Promise<Container> => containers.start(env, {}, ['--volume', 'data:/data']);
    const profile = temporaryDir();
    {
      await using alone = await start();
      await person(alone, profile, 'ann', 'register', 'ann');
      expect(await alone.drain()).toBe(0);
    }
    await using next = await start();
    expect((await person(next, profile, 'ann', 'create', 'Lobby')).json).toMatchObject([{ type: 'created' }]);
    expect(await next.exec('node', 'dist/client/admin/main.js', 'nodes')).toContain('1 node');
    expect(await next.drain()).toBe(0);
  },
  FIRST_TIME_MS,
);
