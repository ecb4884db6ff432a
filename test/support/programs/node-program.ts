import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The program `node` of a version, such as `22` or `20.19.0`, for this machine. It comes from the npm registry into .cache/ and
 * stays there. Rejects where npm can't get it.
 */
export async function nodeProgram(version: string): Promise<string> {
  const platform = `node-${process.platform}-${process.arch}`;
  const folder = await npmPackages(`node-${version}`, [`${platform}@${version}`]);
  return join(folder, platform, 'bin', 'node');
}

/** Installs packages into a folder of .cache/ that is there as a whole or not at all. Gives its node_modules. */
export async function npmPackages(name: string, packages: readonly string[]): Promise<string> {
  const folder = resolve('.cache', 'npm', name);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    try {
      const args = ['install', '--ignore-scripts', '--no-save', '--prefix', unfinished, ...packages];
      await run('npm', args);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules');
}
