import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);

/** Packages are installed as well, while other tests may have all of the machine. */
const BUILD_MS = 400_000;

/** The release before this one, built in a folder of its own. */
interface PreviousRelease extends AsyncDisposable {
  readonly folder: string;
}

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
  let built: PreviousRelease | undefined;
  beforeAll(async () => {
    built = await buildPreviousRelease();
  }, BUILD_MS);
  afterAll(() => built?.[Symbol.asyncDispose]());
  return () => built?.folder ?? expect.unreachable();
}

/** Uses the packages that are installed here when its lock file is the same, else installs its own. */
async function buildPreviousRelease(): Promise<PreviousRelease> {
  const { commit } = await named();
  const folder = await mkdtemp(join(tmpdir(), 'conclave-release-'));
  try {
    await unpack(commit, folder);
    const locks = await Promise.all(['.', folder].map((at) => readFile(join(at, 'package-lock.json'))));
    if (locks[0]?.equals(locks[1] ?? Buffer.of()) === true)
      await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await run(process.execPath, ['scripts/build.mjs'], { cwd: folder });
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
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
  const archive = spawn('git', ['archive', commit], { stdio: ['ignore', 'pipe', 'inherit'] });
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  archive.stdout.pipe(tar.stdin);
  const codes = await Promise.all([archive, tar].map(async (child) => (await once(child, 'close'))[0]));
  if (codes.some((code) => code !== 0)) throw new Error(`commit ${commit} could not be unpacked`);
}
