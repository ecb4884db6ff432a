import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';

const run = promisify(execFile);

test('a command run with the services gets their three URLs, and given ones win', async () => {
  const script = 'process.stdout.write(JSON.stringify(process.env))';
  const { stdout } = await run('npx', ['tsx', 'scripts/services.ts', process.execPath, '-e', script], {
    env: {
      ...process.env,
      TEST_MONGODB_URL: 'mongodb://given',
      TEST_REDIS_CLUSTER_URL: '',
      TEST_REDIS_URL: 'redis://given',
    },
  });
  const seen: unknown = JSON.parse(stdout);
  expect(seen).toMatchObject({
    TEST_REDIS_URL: 'redis://given',
    TEST_MONGODB_URL: 'mongodb://given',
    TEST_REDIS_CLUSTER_URL: expect.stringMatching(/^redis\+cluster:/),
  });
});

test('the exit code of the command is the exit code of the services script', async () => {
  const env = { ...process.env, TEST_MONGODB_URL: 'x', TEST_REDIS_CLUSTER_URL: 'x', TEST_REDIS_URL: 'x' };
  const failing = run('npx', ['tsx', 'scripts/services.ts', process.execPath, '-e', 'process.exit(7)'], {
    env,
  });
  await expect(failing).rejects.toMatchObject({ code: 7 });
});

test('a signal during startup stops the services, and their command does not go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-services-'));
  const env = {
    ...process.env,
    TMPDIR: folder,
    TEST_MONGODB_URL: 'x',
    TEST_REDIS_CLUSTER_URL: 'x',
    TEST_REDIS_URL: '',
  };
  const forever = [process.execPath, '-e', 'setInterval(() => undefined, 1000)'];
  const args = ['--import', 'tsx', 'scripts/services.ts', ...forever];
  const theirs = (): readonly string[] =>
    readdirSync(folder).filter((name) => name.startsWith('conclave-tests-'));
  const services = spawn(process.execPath, args, { env, stdio: 'ignore' });
  endsWithUs(services, 'SIGKILL');
  await eventually(() => expect(theirs()).toHaveLength(1));
  services.kill('SIGTERM');
  await once(services, 'exit');
  expect(theirs()).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});
