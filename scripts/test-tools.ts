import { spawnSync } from 'node:child_process';
import { findInPath } from '../test/support/programs/find-in-path.ts';
import { pythonToolsDir } from '../test/support/services/mongo-server.ts';
import { aptInstall, canAptInstall } from './apt.ts';
import { preparePython } from './python-environment.ts';

/** Programs that only the system's package manager can give. */
const programs: readonly string[] = ['redis-server', 'redis-cli', 'python3', 'tmux'];
/** What a cluster on this machine needs besides, and the tests of what operators rely on. */
const operatorPrograms: readonly string[] = ['haproxy', 'dnsmasq', 'prometheus'];

/** What single tests need. They skip themselves where it can't be had. */
const programsOfSomeTests: readonly string[] = ['zsh', 'fish', 'groff', 'chromium'];
const operatorProgramsOfSomeTests: readonly string[] = [
  'prometheus-redis-exporter',
  'prometheus-alertmanager',
  ...['buildah', 'podman', 'runc', 'debootstrap'],
];
/** The page in other engines. */
const longProgramsOfSomeTests: readonly string[] = ['firefox-esr', 'WebKitWebDriver', 'Xvfb'];

/** Debian's packages that are not called as their program. */
const aptPackages: Readonly<Record<string, string>> = {
  'redis-cli': 'redis-tools',
  dnsmasq: 'dnsmasq-base',
  WebKitWebDriver: 'webkit2gtk-driver',
  Xvfb: 'xvfb',
};

/** Python packages of the tests: a MongoDB-wire server, and what the client in Python and the check of the vectors are made of. */
const pythonPackages: readonly string[] = [
  'secantusdb==0.7.0b3',
  'cryptography>=48',
  'msgpack==1.2.4',
  'websockets==17.4',
];

/** The client of test/interop uses asyncio.timeout. */
const pythonMinimum = [3, 11] as const;

export interface Needs {
  /** What operators have as well. */
  readonly operations: boolean;
  /** Other engines than Chromium's. */
  readonly engines: boolean;
}

/**
 * Installs what the tests need and is not there yet; `say` gets a line per step, and one for all that could not be had.
 * False: something is missing.
 */
export function prepareTestTools(needs: Needs, say: (line: string) => void): boolean {
  // Where Debian puts servers, and a user's PATH often does not look.
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const missing = [...installPrograms(needs, say), ...installPythonTools(say)];
  for (const line of missing) say(line);
  return missing.length === 0;
}

function installPrograms({ engines, operations }: Needs, say: (line: string) => void): readonly string[] {
  const needed = operations ? [...programs, ...operatorPrograms] : programs;
  const welcome = [
    ...programsOfSomeTests,
    ...(operations ? operatorProgramsOfSomeTests : []),
    ...(engines ? longProgramsOfSomeTests : []),
  ];
  const isAbsent = (program: string): boolean => findInPath(program) === undefined;
  const packageOf = (program: string): string => aptPackages[program] ?? program;
  const absent = [...needed, ...welcome].filter(isAbsent);
  if (absent.length > 0 && canAptInstall()) aptInstall(absent.map(packageOf), say);
  return needed
    .filter(isAbsent)
    .map((program) => [program, packageOf(program)] as const)
    .map(
      ([program, name]) =>
        `${program} is missing: run "sudo apt-get install ${name}", "brew install ${name.replace(/-.*/, '')}" or the like.`,
    );
}

function installPythonTools(say: (line: string) => void): readonly string[] {
  if (findInPath('python3') === undefined) return [];
  const isOld = `import sys; sys.exit(sys.version_info < (${pythonMinimum.join(', ')}))`;
  if (spawnSync('python3', ['-c', isOld]).status !== 0)
    return [
      `python3 is older than ${pythonMinimum.join('.')}, which the client in Python that the tests run needs.`,
    ];
  const problem = preparePython(pythonToolsDir, pythonPackages, say);
  return problem === undefined ? [] : [problem];
}
