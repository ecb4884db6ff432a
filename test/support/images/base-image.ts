import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { nodeProgram, npmPackages } from '../programs/node-program.ts';

const run = promisify(execFile);

/** The certificates of Debian; with them go those that this machine trusts besides. */
export const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** The major version that comes with Node 22. */
const NPM = 'npm@10';

export interface Base {
  /** Of Node. */
  readonly major: string;
  /** Of Debian. */
  readonly release: string;
}

/** Where apt gets that release of Debian; undefined where it gets another system's packages. */
export async function debianMirror(release: string): Promise<string | undefined> {
  const format = '$(CODENAME) $(REPO_URI)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const sources = stdout.split('\n').map((line) => line.split(' '));
  return sources.find(([codename]) => codename === release)?.[1];
}

/**
 * What stands in for the image `node:MAJOR-RELEASE-slim` where no registry of images is in reach: a minimal Debian, Node and npm
 * from the npm registry, and the user `node`. Gives a tar archive of its files, made once into .cache/.
 */
export async function baseArchive({ major, release }: Base, mirror: string): Promise<string> {
  const dir = resolve('.cache', 'images');
  const archive = join(dir, `node-${major}-${release}-${process.arch}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(dir, { recursive: true });
  const work = mkdtempSync(join(dir, 'base-'));
  const root = join(work, 'root');
  try {
    const bootstrap = ['--variant=minbase', '--include=ca-certificates', release, root, mirror];
    await run('debootstrap', bootstrap, { maxBuffer: 64 * 1024 * 1024 });
    for (const leftover of ['var/cache/apt', 'var/lib/apt/lists'])
      rmSync(join(root, leftover), { recursive: true });
    await addNode(root, major);
    const packed = join(work, 'base.tar');
    await run('tar', ['--create', '--file', packed, '--directory', root, '.']);
    renameSync(packed, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

async function addNode(root: string, major: string): Promise<void> {
  const local = join(root, 'usr', 'local');
  cpSync(await nodeProgram(major), join(local, 'bin', 'node'));
  const npm = join(await npmPackages('npm', [NPM]), 'npm');
  cpSync(npm, join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin', 'npm'));
  // As this machine reaches the registry.
  const setting = async (name: string): Promise<string> =>
    (await run('npm', ['config', 'get', name])).stdout.trim();
  mkdirSync(join(local, 'etc'), { recursive: true });
  writeFileSync(join(local, 'etc', 'npmrc'), `registry=${await setting('registry')}\n`);
  const trusted = [process.env['NODE_EXTRA_CA_CERTS'], await setting('cafile')];
  const certificates = trusted.find((file) => file !== undefined && existsSync(file));
  if (certificates !== undefined) cpSync(certificates, join(root, CERTIFICATES), { dereference: true });
  await run('chroot', [root, 'useradd', '--uid', '1000', '--create-home', '--user-group', 'node']);
}
