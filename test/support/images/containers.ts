import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type GatewayProcess, startGateway } from '../cluster/gateway-process.ts';
import { afterKill } from '../programs/after-kill.ts';
import { findInPath } from '../programs/find-in-path.ts';
import { suspend } from '../programs/suspend.ts';
import { type Base, baseArchive, CERTIFICATES, debianMirror } from './base-image.ts';

const run = promisify(execFile);

const IMAGE = 'localhost/conclave';
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** Open files, and processes. Podman's own defaults are above what a machine may allow. */
const LIMIT = 4096;
/** Layers stay there from one run to the next. */
const storage = resolve('.cache', 'images', 'storage');
/** What of the image's recipe makes layers that are large. With another, all layers begin anew, or the old ones would pile up. */
const recipe = ['Dockerfile', 'package-lock.json'];

export interface Container extends GatewayProcess {
  /** Runs a command in it; gives what it printed. */
  exec(...command: string[]): Promise<string>;
  /** What the image's health check says. */
  isHealthy(): Promise<boolean>;
  /** All that Podman knows of it, as JSON. */
  inspect(): Promise<string>;
}

/** Why no image can be built and run here; undefined where it can be. */
export async function whyNoContainers(): Promise<string | undefined> {
  for (const program of ['apt-get', 'buildah', 'debootstrap', 'podman', 'runc', 'unshare'])
    if (findInPath(program) === undefined) return `${program} is not installed`;
  if (spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status !== 0)
    return 'a container needs namespaces, which take root';
  const { release } = baseOfImage();
  if ((await debianMirror(release)) === undefined) return `apt has no source of Debian ${release}`;
  return undefined;
}

function baseOfImage(): Base {
  const [, major = '', release = ''] =
    /^FROM node:(\d+)-(\w+)-slim/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  return { major, release };
}

/** The gateway's image, built from this project's Dockerfile as it is, and containers of it, in this machine's network. */
export class Containers implements AsyncDisposable {
  /** State of what runs; gone with it. Not in the run's own folder: podman refuses a runroot of more than 50 characters. */
  readonly #dir = mkdtempSync('/tmp/conclave-podman-');
  readonly #forgetDir = afterKill({ dir: this.#dir });

  static async build(): Promise<Containers> {
    const containers = new Containers();
    const hash = createHash('sha256');
    for (const file of recipe) hash.update(readFileSync(file));
    const stamp = hash.digest('hex');
    const stampFile = join(storage, 'stamp');
    if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
      rmSync(storage, { recursive: true, force: true });
      mkdirSync(storage, { recursive: true });
      await containers.#makeBase();
      writeFileSync(stampFile, stamp);
    }
    // Podman's records of containers that are gone, and of another folder for its state.
    for (const leftover of ['libpod', 'volumes'])
      rmSync(join(storage, leftover), { recursive: true, force: true });
    const how = ['--layers', '--format', 'docker', '--network', 'host', '--isolation', 'chroot'];
    await containers.#buildah('build', ...how, '--pull-never', '--tag', IMAGE, '.');
    return containers;
  }

  /** `env` as for a gateway's process; both ports must be given. `files`: by name, what lies in /run/secrets. `more`: for Podman. */
  async start(
    env: Readonly<Record<'PORT' | 'ADMIN_PORT', string>> & Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
    more: readonly string[] = [],
  ): Promise<Container> {
    const name = `gateway-${env.PORT}`;
    const mounts = Object.entries(files).flatMap(([secret, text]) => {
      const file = join(this.#dir, `${name}-${secret}`);
      writeFileSync(file, text, { mode: 0o444 });
      return ['--volume', `${file}:/run/secrets/${secret}:ro`];
    });
    const gateway = await startGateway(
      // Nobody else is to reach them.
      { HOST: '127.0.0.1', ADMIN_HOST: '127.0.0.1', ...env },
      {
        command: [
          ...this.#program('podman'),
          ...['run', '--rm', '--name', name, '--network', 'host', '--env', 'CONCLAVE_*', ...mounts, ...more],
          ...['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--tmpfs', '/tmp'],
          ...['--ulimit', `nofile=${LIMIT}:${LIMIT}`],
          ...['--ulimit', `nproc=${LIMIT}:${LIMIT}`],
          // Asked for by isHealthy(); by itself it takes systemd.
          ...['--health-interval', 'disable', IMAGE],
        ],
      },
    );
    const podman = (...args: string[]): Promise<string> =>
      output([...this.#program('podman', gateway.pid), ...args]);
    const pid = Number(await podman('inspect', '--format', '{{.State.Pid}}', name));
    const forgetKill = afterKill({ pid });
    void gateway.exitCode.then(forgetKill);
    const kill = async (): Promise<void> => {
      // Podman, killed itself, would leave it running.
      process.kill(pid, 'SIGKILL');
      await gateway.exitCode;
    };
    let hasEnded = false;
    void gateway.exitCode.then(() => {
      hasEnded = true;
    });
    return {
      ...gateway,
      pid,
      kill,
      pause: () => suspend(pid),
      resume: () => void process.kill(pid, 'SIGCONT'),
      exec: (...command) => podman('exec', name, ...command),
      isHealthy: () =>
        podman('healthcheck', 'run', name).then(
          () => true,
          () => false,
        ),
      inspect: () => podman('inspect', name),
      [Symbol.asyncDispose]: async () => {
        if (!hasEnded) await kill();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#dir, { recursive: true, force: true });
    this.#forgetDir();
  }

  async #makeBase(): Promise<void> {
    const base = baseOfImage();
    const mirror = await debianMirror(base.release);
    if (mirror === undefined) throw new Error(`apt has no source of Debian ${base.release}`);
    const archive = await baseArchive(base, mirror);
    const container = await this.#buildah('from', 'scratch');
    await this.#buildah('add', '--quiet', container, archive, '/');
    const env = [
      `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`,
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    await this.#buildah('config', ...env.flatMap((one) => ['--env', one]), container);
    await this.#buildah(
      'commit',
      '--quiet',
      '--rm',
      container,
      `localhost/node:${base.major}-${base.release}-slim`,
    );
  }

  #buildah(...args: string[]): Promise<string> {
    return output([...this.#program('buildah'), ...args]);
  }

  /** In a mount namespace of its own, so that no mount outlives it, or in that of the process `pid`. */
  #program(name: 'buildah' | 'podman', pid?: number): readonly string[] {
    const folders = ['--root', storage, '--runroot', join(this.#dir, 'run')];
    const podman = ['--tmpdir', join(this.#dir, 'tmp'), '--cgroup-manager', 'cgroupfs', '--runtime', 'runc'];
    const mounts = pid === undefined ? ['unshare', '--mount'] : ['nsenter', '--target', `${pid}`, '--mount'];
    return [...mounts, name, ...folders, ...(name === 'podman' ? podman : [])];
  }
}

/** What a command printed, without the line's end. */
async function output([program = '', ...args]: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout.trimEnd();
}
