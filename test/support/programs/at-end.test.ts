import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Starts a server as tests do, tells which, and waits until it is asked to end. */
const worker = `
  import { startRedisServer } from './test/support/services/redis-server.ts';
  const redis = await startRedisServer();
  process.send(redis.pid);
  process.on('message', () => process.exit(1));
`;

test.each([
  'the runner of tests ends',
  'the worker itself ends',
  'the worker is ended by SIGTERM',
  'the worker is killed by SIGKILL',
])('when %s, its servers end', async (what) => {
  const child = fork('-', {
    execArgv: ['--import', 'tsx', '--input-type=module', '--eval', worker],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [pid] = (await once(child, 'message')) as [number];
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  const ended = once(child, 'exit');
  if (what === 'the worker itself ends') child.send('end');
  else if (what === 'the worker is ended by SIGTERM') child.kill('SIGTERM');
  else if (what === 'the worker is killed by SIGKILL') child.kill('SIGKILL');
  else child.disconnect();
  await ended;
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
