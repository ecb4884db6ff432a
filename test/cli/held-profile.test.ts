import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { endsWithUs } from '../support/programs/at-end.ts';
import { bundledProgram } from '../support/programs/bundled-program.ts';

const EXIT_TIMED_OUT = 7;
const holder = bundledProgram(new URL('../support/sdk/hold-lock.ts', import.meta.url));

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.with({});
});
afterAll(() => scene[Symbol.asyncDispose]());

const conclave = (user: string, ...args: readonly string[]): Promise<CliResult> => scene.alone(user, ...args);

/** A process that never lets go of the lock of this file of the user's profile. */
async function held(user: string, file: 'state' | 'cache'): Promise<ChildProcess> {
  const path = join(await scene.accountFolder(user, user), file);
  const child = fork(holder, [path]);
  endsWithUs(child, 'SIGKILL');
  expect(await once(child, 'message')).toContain('held');
  return child;
}

// Where the lock is found: see writer-lock.ts.
const layoutIsKnown = process.platform === 'linux' && process.report !== undefined;

it.runIf(layoutIsKnown)(
  'a command ends in its time when another process holds the profile, and names it',
  async () => {
    expect((await conclave('ann', 'register', 'ann')).code).toBe(0);
    const child = await held('ann', 'state');
    const lines = [['whoami'], ['send', 'Lobby', 'x'], ['rooms']];
    const ended = lines.map((line) => conclave('ann', '--timeout', '3', ...line));
    for (const { code, json, stderr } of await Promise.all(ended)) {
      expect(code).toBe(EXIT_TIMED_OUT);
      expect(json).toMatchObject([{ type: 'error', code: 'profile_locked' }]);
      expect(stderr).toContain(`process ${child.pid} holds the lock`);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await conclave('ann', '--timeout', '10', 'whoami')).code).toBe(0);
  },
);

it.runIf(layoutIsKnown)(
  'a command goes without kept messages when another process holds their file',
  async () => {
    expect((await conclave('ben', 'register', 'ben')).code).toBe(0);
    const child = await held('ben', 'cache');
    expect((await conclave('ben', '--timeout', '10', 'whoami')).code).toBe(0);
    child.kill('SIGKILL');
  },
);
