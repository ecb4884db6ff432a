import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endsWithUs } from '../../test/support/programs/at-end.ts';
import { profileSharing } from './profile-sharing.ts';

let directory = '';
let folder = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-sharing-'));
  folder = join(directory, 'profile');
  await mkdir(folder);
  for (const file of ['state', 'keys']) await writeFile(join(folder, file), file);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const sharing = (of = folder) => profileSharing(join(of, 'state'), join(of, 'keys'));

describe('the processes of a profile', () => {
  test('run until they are killed, and a later one with the same number is another', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)']);
    endsWithUs(child, 'SIGKILL');
    await once(child, 'spawn');
    const { holder, mayRun } = sharing();
    const [space, , startedAt = ''] = holder.split('.');
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => undefined);
    const childs = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    const name = `${space}.${child.pid}.${childs}`;
    expect(mayRun(holder)).toBe(true);
    expect(mayRun(name)).toBe(true);
    if (startedAt !== '') expect(mayRun(`${space}.${child.pid}.1`)).toBe(false);
    // Of another container nothing is known.
    expect(mayRun(`1${space}.${child.pid}.1`)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(mayRun(name)).toBe(false);
    expect(mayRun(`1${space}.${child.pid}.1`)).toBe(true);
  });
});

describe('a profile', () => {
  test('is the same while its state is written and after it was moved', async () => {
    const { copy } = sharing();
    await writeFile(join(folder, 'state'), 'written in place');
    expect(sharing().copy).toBe(copy);
    const moved = join(directory, 'moved');
    await rename(folder, moved);
    expect(sharing(moved).copy).toBe(copy);
  });

  test('is another one as a copy, and after it was put back, even into the same files', async () => {
    const { copy } = sharing();
    const backup = join(directory, 'backup');
    await cp(folder, backup, { recursive: true, preserveTimestamps: true });
    expect(sharing(backup).copy).not.toBe(copy);
    // The clock of a file system may stand still for some milliseconds.
    await expect
      .poll(async () => {
        await cp(backup, folder, { recursive: true, preserveTimestamps: true });
        return sharing().copy;
      })
      .not.toBe(copy);
  });
});
