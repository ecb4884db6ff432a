import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { bundledProgram } from '../../test/support/programs/bundled-program.ts';
import { newAccountKeys } from '../sdk/index.ts';
import { Profile } from './profile.ts';

const KILLS = 8;
const program = bundledProgram(new URL('../../test/support/sdk/write-keys.ts', import.meta.url));
const server = 'ws://127.0.0.1:8080';
const origin = parseOrigin(server) ?? expect.unreachable();

/** Kills a process in the midst of writing key files, a little later each time; the names that it said were written. */
async function killedWhileWriting(directory: string, kill: number): Promise<readonly string[]> {
  const written: string[] = [];
  const child = fork(program, [directory, server]);
  child.on('message', (name) => {
    written.push(String(name));
    // Not between two writes each time: the pause grows by less than a write takes.
    if (written.length === 3 + kill) setTimeout(() => child.kill('SIGKILL'), kill * 0.7);
  });
  await once(child, 'exit');
  return written;
}

test('a process that is killed while it writes keys leaves whole ones or none, and nobody in the way', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-killed-'));
  const account = await newAccountKeys('Eve');
  try {
    const runs = Array.from({ length: KILLS }, async (_, kill) => {
      const profile = new Profile(join(directory, `profile${kill}`));
      const written = await killedWhileWriting(profile.directory, kill);
      expect(written.length).toBeGreaterThanOrEqual(3 + kill);
      const found = await profile.users(origin);
      expect(found).toEqual(expect.arrayContaining([...written]));
      for (const name of found)
        expect((await profile.open(origin, name, undefined).then(closed)).name).toBe(name);
      expect(found).toContain(await profile.defaultUser(origin));
      // Whatever the dead process was about to write can be written now.
      for (let next = written.length; next < written.length + 3; next += 1) {
        const name = parseUserName(`user${next}`) ?? expect.unreachable();
        if (!found.includes(name)) await profile.create(origin, { ...account, name }, undefined);
      }
    });
    await Promise.all(runs);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

async function closed<T extends { readonly account: { readonly name: string }; close(): Promise<void> }>(
  opened: T,
): Promise<T['account']> {
  await opened.close();
  return opened.account;
}
