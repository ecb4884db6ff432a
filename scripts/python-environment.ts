import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { aptInstall, canAptInstall } from './apt.ts';

/** Makes a virtual environment with these packages in `dir`, unless it is there. Gives what is wrong. */
export function preparePython(
  dir: string,
  packages: readonly string[],
  say: (line: string) => void,
): string | undefined {
  const stampFile = join(dir, '.stamp');
  const stamp = `${packages.join('\n')}\n`;
  const python = join(dir, 'bin', 'python');
  // The interpreter is run too: a virtual environment breaks when the Python it was made with goes away.
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && succeeds(python, ['-c', '']))
    return undefined;
  say(`Installing ${packages.join(', ')} into ${dir}…`);
  mkdirSync(dirname(dir), { recursive: true });
  if (!makeVirtualEnvironment(dir, say))
    return 'Python cannot make virtual environments: run "sudo apt-get install python3-venv" or the like.';
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  const installed = spawnSync(python, pip, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (installed.status !== 0) {
    const reason = installed.stderr.trim().split('\n').at(-1) ?? '';
    return `${packages.join(' and ')} could not be installed from the Python package index: ${reason}`;
  }
  writeFileSync(stampFile, stamp);
  return undefined;
}

function makeVirtualEnvironment(dir: string, say: (line: string) => void): boolean {
  const make = (): boolean => {
    rmSync(dir, { recursive: true, force: true });
    return succeeds('python3', ['-m', 'venv', dir]);
  };
  if (make()) return true;
  if (!canAptInstall()) return false;
  aptInstall(['python3-venv'], say);
  return make();
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
