import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

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
