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

test.each(['the runner of tests', 'the worker itself', 'the worker by a signal'])(
  'when %s ends, its servers end',
  async (who) => {
    const child = fork('-', {
      execArgv: ['--import', 'tsx', '--input-type=module', '--eval', worker],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [pid] = (await once(child, 'message')) as [number];
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    const ended = once(child, 'exit');
    if (who === 'the worker itself') child.send('end');
    else if (who === 'the worker by a signal') child.kill('SIGTERM');
    else child.disconnect();
    await ended;
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false);
  },
);
