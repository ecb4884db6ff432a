import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
let folder: string;
let options: readonly string[];
beforeAll(async () => {
  scene = await CliScene.with({});
  ({ folder } = scene);
  options = optionsFor(profile());
  for (const args of [
    ['register', 'ann'],
    ['create', 'Lobby'],
    ['send', 'Lobby', 'one'],
  ])
    expect((await scene.alone('ann', ...args)).code).toBe(0);
});
afterAll(() => scene[Symbol.asyncDispose]());

const profile = (): string => join(folder, 'ann');

function optionsFor(directory: string): readonly string[] {
  return ['--server', scene.gateway.url, '--profile', directory, '--no-passphrase'];
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
        stdout,
        stderr,
      });
    });
  });
}

it.runIf(process.platform === 'linux')(
  'a failure whose reason can be said nowhere keeps its exit code',
  async () => {
    const command = [process.execPath, 'dist/client/cli/main.js', ...options, 'leave', 'Nowhere'];
    expect(await ended('bash', ['-c', 'exec "$@" 2>/dev/full', 'bash', ...command])).toMatchObject({
      code: 5,
    });
  },
);

/** Runs commands on a copy of the profile on a disk of its own that has no block left, in a namespace that ends with them. */
function onFullProfile(...command: readonly string[]): Promise<Ended> {
  const disk = join(folder, 'disk');
  const script = `
    mkdir -p "${disk}" && mount -t tmpfs -o size=8m,mode=700 none "${disk}" && cp -a "${profile()}/." "${disk}/" || exit 99
    dd if=/dev/zero of="${disk}/rest" bs=4k 2>/dev/null
    "$@"
    code=$?
    ls -A "${disk}" | grep '[.]tmp$' >&2
    exit $code`;
  const program = [process.execPath, 'dist/client/cli/main.js', ...optionsFor(disk), ...command];
  return ended('unshare', [
    '--user',
    '--map-root-user',
    '--mount',
    '--',
    'bash',
    '-c',
    script,
    'bash',
    ...program,
  ]);
}

describe.runIf(process.platform === 'linux')('a profile on a disk that is full', () => {
  it.each([[['tail', 'Lobby']], [['send', 'Lobby', 'three']]])('is said in one line: %j', async (command) => {
    const { code, stderr, stdout } = await onFullProfile(...command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^the disk is nearly full: free at least 4 MiB for .*\/ann, then try again\n$/);
    const json = await onFullProfile('--json', ...command);
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'error', code: 'profile_unwritable' });
  });

  it('still tells the keys, and exports them to another disk', async () => {
    expect((await onFullProfile('whoami')).code).toBe(0);
    expect((await onFullProfile('export', join(folder, 'copy'))).code).toBe(0);
  });

  it('has nothing left over of an export that did not fit', async () => {
    const { code, stderr } = await onFullProfile('export', join(folder, 'disk', 'copy'));
    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full: ');
    expect(stderr).not.toContain('.tmp');
  });
});

/** Runs commands on the profile where nothing of it can be written. */
function onReadOnlyProfile(...command: readonly string[]): Promise<Ended> {
  const disk = join(folder, 'read-only');
  const script = `
    mkdir -p "${disk}" && mount --bind "${profile()}" "${disk}" && mount -o remount,bind,ro "${disk}" || exit 99
    exec "$@"`;
  const program = [process.execPath, 'dist/client/cli/main.js', ...optionsFor(disk), ...command];
  return ended('unshare', [
    ...['--user', '--map-root-user', '--mount', '--', 'bash', '-c', script, 'bash'],
    ...program,
  ]);
}

it.runIf(process.platform === 'linux')(
  'a profile on a read-only file system is refused with its path, and doctor says so',
  async () => {
    const fault = 'is on a read-only file system: make it writable, or choose another place';
    for (const command of [['whoami'], ['send', 'Lobby', 'x']]) {
      const { code, stderr } = await onReadOnlyProfile(...command);
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`^${join(folder, 'read-only')}/.* ${fault}\n$`));
    }
    const doctor = await onReadOnlyProfile('doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(new RegExp(`^NOT OK {2}keys of ann: .* ${fault}$`, 'm'));
  },
);

it('an export that can be written nowhere names the place', async () => {
  const { code, stderr } = await scene.alone('ann', 'export', join(folder, 'no', 'such', 'copy'));
  expect(code).toBe(1);
  expect(stderr).toContain(`there is no folder for ${join(folder, 'no', 'such', 'copy')}`);
  expect(await readdir(folder)).not.toContain('no');
});
