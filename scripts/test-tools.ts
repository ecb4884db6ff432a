import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findInPath } from '../test/support/programs/find-in-path.ts';
import { pythonToolsDir } from '../test/support/services/mongo-server.ts';

/** Programs that only the system's package manager can give, and Debian's package of each. */
const programs: ReadonlyArray<readonly [command: string, aptPackage: string]> = [
  ['redis-server', 'redis-server'],
  ['redis-cli', 'redis-tools'],
  ['python3', 'python3'],
  ['tmux', 'tmux'],
];

/** What a cluster on this machine needs besides, and the tests of what operators rely on. */
const operatorPrograms: typeof programs = [
  ['haproxy', 'haproxy'],
  ['dnsmasq', 'dnsmasq-base'],
  ['prometheus', 'prometheus'],
];

/** What single tests need. They skip themselves where it can't be had. */
const programsOfSomeTests: typeof programs = [
  ['zsh', 'zsh'],
  ['fish', 'fish'],
  ['groff', 'groff'],
  ['chromium', 'chromium'],
];

/** The same, of the tests that repeat and soak: the page in other engines. */
const longProgramsOfSomeTests: typeof programs = [
  ['firefox-esr', 'firefox-esr'],
  ['WebKitWebDriver', 'webkit2gtk-driver'],
  ['Xvfb', 'xvfb'],
];

/** The same, of the tests of what operators rely on. */
const operatorProgramsOfSomeTests: typeof programs = [
  ['prometheus-redis-exporter', 'prometheus-redis-exporter'],
  ['prometheus-alertmanager', 'prometheus-alertmanager'],
  ['buildah', 'buildah'],
  ['podman', 'podman'],
  ['runc', 'runc'],
  ['debootstrap', 'debootstrap'],
];

/** Python packages of the tests: a MongoDB-wire server, and what the client in Python and the check of the vectors are made of. */
const pythonPackages: readonly string[] = [
  'secantusdb==0.7.0b3',
  'cryptography>=48',
  'msgpack==1.2.4',
  'websockets==17.4',
];

/** The client of test/interop uses asyncio.timeout. */
const pythonMinimum = [3, 11] as const;

export type ToolsOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly missing: readonly string[] };

export interface Needs {
  /** What operators have as well. */
  readonly operations: boolean;
  /** Other engines than Chromium's. */
  readonly engines: boolean;
}

/** Installs what the tests need and is not there yet; `say` gets one line per step. */
export function prepareTestTools(needs: Needs, say: (line: string) => void): ToolsOutcome {
  // Where Debian puts servers, and a user's PATH often does not look.
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const missing = [...installPrograms(needs, say)];
  if (findInPath('python3') !== undefined) missing.push(...installPythonTools(say));
  return missing.length === 0 ? { ok: true } : { ok: false, missing };
}

function installPrograms({ engines, operations }: Needs, say: (line: string) => void): string[] {
  const needed = operations ? [...programs, ...operatorPrograms] : programs;
  const welcome = [
    ...programsOfSomeTests,
    ...(operations ? operatorProgramsOfSomeTests : []),
    ...(engines ? longProgramsOfSomeTests : []),
  ];
  const isAbsent = ([command]: (typeof programs)[number]): boolean => findInPath(command) === undefined;
  const absent = [...needed, ...welcome].filter(isAbsent);
  if (absent.length === 0) return [];
  const packages = absent.map(([, aptPackage]) => aptPackage);
  if (process.getuid?.() === 0 && findInPath('apt-get') !== undefined) {
    say(`Installing ${packages.join(', ')} with apt-get…`);
    aptInstall(packages);
  }
  return needed
    .filter(isAbsent)
    .map(
      ([command, aptPackage]) =>
        `${command} is missing: run "sudo apt-get install ${aptPackage}", "brew install ${aptPackage.replace(/-.*/, '')}" or the like.`,
    );
}

function installPythonTools(say: (line: string) => void): string[] {
  const isOld = `import sys; sys.exit(sys.version_info < (${pythonMinimum.join(', ')}))`;
  if (!succeeds('python3', ['-c', isOld]))
    return [
      `python3 is older than ${pythonMinimum.join('.')}, which the client in Python that the tests run needs.`,
    ];
  const stampFile = join(pythonToolsDir, '.stamp');
  const stamp = `${pythonPackages.join('\n')}\n`;
  const python = join(pythonToolsDir, 'bin', 'python');
  // The interpreter is run too: a virtual environment breaks when the Python it was made with goes away.
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && succeeds(python, ['-c', '']))
    return [];
  say('Installing the Python tools of the tests into .cache/python…');
  rmSync(pythonToolsDir, { recursive: true, force: true });
  mkdirSync(dirname(pythonToolsDir), { recursive: true });
  if (!makeVirtualEnvironment(say)) {
    return ['Python cannot make virtual environments: run "sudo apt-get install python3-venv" or the like.'];
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pythonPackages];
  const installed = spawnSync(python, pip, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (installed.status !== 0) {
    const reason = installed.stderr.trim().split('\n').at(-1) ?? '';
    return [
      `${pythonPackages.join(' and ')} could not be installed from the Python package index: ${reason}`,
    ];
  }
  writeFileSync(stampFile, stamp);
  return [];
}

function makeVirtualEnvironment(say: (line: string) => void): boolean {
  if (succeeds('python3', ['-m', 'venv', pythonToolsDir])) return true;
  if (process.getuid?.() !== 0 || findInPath('apt-get') === undefined) return false;
  say('Installing python3-venv with apt-get…');
  aptInstall(['python3-venv']);
  rmSync(pythonToolsDir, { recursive: true, force: true });
  return succeeds('python3', ['-m', 'venv', pythonToolsDir]);
}

function aptInstall(packages: readonly string[]): void {
  // RUNLEVEL=1 keeps the packages from starting services of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
