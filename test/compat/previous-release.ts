import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';

const run = promisify(execFile);

/** Packages are installed as well, while other tests may have all of the machine. */
const BUILD_MS = 400_000;
const LOCK_FILE_BYTES_MAX = 10_000_000;

/** Whether the release before can be built from this clone; a shallow one, or a folder without one, has no history. Rejects for a commit that is nowhere. */
async function hasHistory(): Promise<boolean> {
  const { version, commit } = await named();
  const found = await run('git', ['cat-file', '-e', `${commit}^{commit}`]).catch(() => undefined);
  if (found !== undefined) return true;
  const shallow = await run('git', ['rev-parse', '--is-shallow-repository']).catch(() => undefined);
  if (shallow?.stdout.trim() === 'false')
    throw new Error(
      `release ${version}, commit ${commit} of test/compat/previous-release.json, is not in this clone`,
    );
  return false;
}

/**
 * Builds the release before for the tests of the file that calls this, and gives its folder; undefined: this clone has no
 * history, and one test says so by `title`.
 */
export async function previousReleaseOf(title: string): Promise<(() => string) | undefined> {
  if (!(await hasHistory())) {
    // Not as skipped tests, which fail a run with CI=true: a shallow clone has nothing that could be run.
    test(title, async () => {
      expect(await hasHistory()).toBe(false);
    });
    return undefined;
  }
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await previousRelease();
  }, BUILD_MS);
  return () => folder ?? expect.unreachable();
}

/** Builds it into .cache/ when it is not there. With the packages installed here if its lock file is the same, else with its own. */
async function previousRelease(): Promise<string> {
  const { commit } = await named();
  const lockFile = await run('git', ['show', `${commit}:package-lock.json`], {
    maxBuffer: LOCK_FILE_BYTES_MAX,
  });
  const sharesPackages = lockFile.stdout === (await readFile('package-lock.json', 'utf8'));
  const folder = resolve('.cache', 'releases', sharesPackages ? `${commit}-shared-packages` : commit);
  await mkdir(dirname(folder), { recursive: true });
  // A link is made with its content at once, so that there is never a builder without an id.
  const builder = `${folder}.builder`;
  while (!existsSync(folder)) {
    const isBuilder = await symlink(String(process.pid), builder).then(
      () => true,
      () => false,
    );
    if (!isBuilder) await builderEnded(builder);
    else await buildRelease(commit, folder, sharesPackages).finally(() => rm(builder));
  }
  return folder;
}

async function buildRelease(commit: string, folder: string, sharesPackages: boolean): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await unpack(commit, unfinished);
  if (sharesPackages) await symlink(resolve('node_modules'), join(unfinished, 'node_modules'));
  await run(process.execPath, ['scripts/build.mjs'], { cwd: unfinished });
  await rename(unfinished, folder);
}

/** One that was killed left its link. */
async function builderEnded(builder: string): Promise<void> {
  const hasEnded = async (): Promise<boolean> => {
    const pid = await readlink(builder).catch(() => undefined);
    if (pid === undefined) return true;
    if (isRunning(Number(pid))) return false;
    await rm(builder, { force: true });
    return true;
  };
  await vi.waitUntil(hasEnded, { timeout: BUILD_MS, interval: 200 });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Of these settings, without the prefix, those that the build in this folder has: a gateway refuses what it does not know. */
export async function settingsKnownTo(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const documented = await readFile(join(folder, 'docs/configuration.md'), 'utf8');
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => documented.includes(`\`CONCLAVE_${name}\``)),
  );
}

async function named(): Promise<{ readonly version: string; readonly commit: string }> {
  return JSON.parse(await readFile('test/compat/previous-release.json', 'utf8')) as {
    readonly version: string;
    readonly commit: string;
  };
}

async function unpack(commit: string, folder: string): Promise<void> {
  // Its tests would be found beside those of this release.
  const archive = spawn('git', ['archive', commit, '--', '.', ':(exclude)*.test.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  archive.stdout.pipe(tar.stdin);
  const codes = await Promise.all([archive, tar].map(async (child) => (await once(child, 'close'))[0]));
  if (codes.some((code) => code !== 0)) throw new Error(`commit ${commit} could not be unpacked`);
}
