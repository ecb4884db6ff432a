import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const packages = ['uWebSockets.js', 'ioredis', 'socket.io', '@socket.io/redis-adapter', 'ws'];
/** Of bench/, then of the project. */
const folders = ['../node_modules/', '../../node_modules/'];

/** Of everything that a delivery goes through, as one line. */
export function versionsLine(): string {
  const goModule = readFileSync(new URL('../contestants/centrifuge/go.mod', import.meta.url), 'utf8');
  return [
    printed('redis-server', ['--version'], /v=(\S+)/, 'Redis'),
    `centrifuge ${/centrifugal\/centrifuge v(\S+)/.exec(goModule)?.[1]}`,
    printed('go', ['version'], /go(\d\S*)/, 'Go'),
    ...packages.map((name) => `${name} ${versionOf(name)}`),
  ].join(', ');
}

function printed(command: string, args: readonly string[], version: RegExp, name: string): string {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return `${name} ${version.exec(stdout ?? '')?.[1] ?? 'absent'}`;
}

function versionOf(name: string): string {
  const files = folders.map((folder) => new URL(`${folder}${name}/package.json`, import.meta.url));
  const file = files.find((candidate) => existsSync(candidate));
  if (file === undefined) return 'absent';
  return /"version": "([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'absent';
}
