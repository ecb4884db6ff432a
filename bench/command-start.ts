/**
 * npx tsx bench/command-start.ts --help
 * Whole runs of short commands, from start to exit, beside Node alone. Keys without a passphrase: no key derivation. Then of one that has
 * a passphrase, which it reads from a file or leaves to an agent.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { deploy } from './support/deployment.ts';
import { median } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions('Measures conclave send and conclave tail as processes; needs npm run build.', {
  runs: ['10', 'of each, in turns'],
});

/** Makes a process say at its end how much CPU it used, in µs: on a busy machine the clock tells little. */
const saysItsCpu = `data:text/javascript,process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(String(user + system));
});`;

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function timed(args: readonly string[]): Run {
  const begin = monotonicMicros();
  const all = ['--import', saysItsCpu, ...args];
  const { status, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  const wallMs = (monotonicMicros() - begin) / 1000;
  const cpuMicros = /\d+$/.exec(stderr)?.[0];
  if (status !== 0 || cpuMicros === undefined) throw new Error(`${args.join(' ')}: ${stderr}`);
  return { wallMs, cpuMs: Number(cpuMicros) / 1000 };
}

function spread(ms: readonly number[]): string {
  return `${Math.round(median(ms))} (${Math.round(Math.min(...ms))} to ${Math.round(Math.max(...ms))})`;
}

await using deployment = await deploy('embedded');
const { url } = await deployment.start();
const program = 'dist/client/cli/main.js';
const profile = ['--server', url, '--profile', join(deployment.folder, 'profile')];
const conclave = (...args: readonly string[]): string[] => [program, ...profile, '--no-passphrase', ...args];
timed(conclave('register', 'alice'));
timed(conclave('create', 'Lobby'));
const passphraseFile = join(deployment.folder, 'passphrase');
writeFileSync(passphraseFile, 'six owls by the sea', { mode: 0o600 });
const sealed = [program, ...profile, '--user', 'bob', '--passphrase-file', passphraseFile];
timed([...sealed, 'register', 'bob']);
timed([...sealed, 'join', 'Lobby']);
timed([...sealed, 'agent']);
const commands = {
  'node alone': ['-e', ''],
  'conclave --version': conclave('--version'),
  'conclave send': conclave('send', 'Lobby', 'Hello'),
  'conclave send, passphrase from a file': [...sealed, '--no-agent', 'send', 'Lobby', 'Hello'],
  'conclave send, key from an agent': [...sealed, 'send', 'Lobby', 'Hello'],
  'conclave tail': conclave('tail', 'Lobby', '--count', '1'),
};
const found = new Map<string, Run[]>(Object.keys(commands).map((name) => [name, []]));
for (let run = 0; run < Number(values.runs); run += 1)
  for (const [name, args] of Object.entries(commands)) found.get(name)?.push(timed(args));
timed([...sealed, 'agent', '--stop']);
printHead('command', 'ms by the clock', 'CPU ms');
for (const [name, runs] of found)
  printRow(name, spread(runs.map(({ wallMs }) => wallMs)), spread(runs.map(({ cpuMs }) => cpuMs)));
