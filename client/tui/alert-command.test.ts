import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ALERT_COMMANDS_MAX, AlertCommand } from './alert-command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-alert-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const unfailing = (): never => expect.unreachable();
const heard = (): Promise<string> => readFile(join(folder, 'heard'), 'utf8');

function alertCommand(command: string): AlertCommand {
  return new AlertCommand(command, { PATH: process.env['PATH'], FOLDER: folder });
}

test('a command of the shell hears room and words in its environment, where they are no part of the command', async () => {
  const command = alertCommand(
    'printf "%s|%s|%s" "$#" "$CONCLAVE_ALERT_ROOM" "$CONCLAVE_ALERT_TEXT" > "$FOLDER/heard"',
  );
  command.run('Ops', `bob mentioned you; touch '${folder}/x' $(id)\u0000\u001b[2J`, unfailing);
  await eventually(async () =>
    expect(await heard()).toBe(`0|Ops|bob mentioned you; touch '${folder}/x' $(id)<U+0000><U+001B>[2J`),
  );
});

test('no command is run where none was chosen', () => {
  alertCommand('').run('Ops', 'words', unfailing);
});

test('one that fails is told of once, and run again with the next alert', async () => {
  const command = alertCommand('echo ran >> "$FOLDER/heard"; exit 3');
  const faults: Error[] = [];
  command.run('Ops', 'words', (error) => faults.push(error));
  await eventually(() => expect(faults).toHaveLength(1));
  expect(faults[0]?.message).toContain('notify-command');
  command.run('Ops', 'words', (error) => faults.push(error));
  await eventually(async () => expect(await heard()).toBe('ran\nran\n'));
  expect(faults).toHaveLength(1);
});

test('commands that do not end are no crowd: others start only after one of them has ended', async () => {
  const gate = join(folder, 'gate');
  execFileSync('mkfifo', [gate]);
  const command = alertCommand('echo ran >> "$FOLDER/heard"; [ -e "$FOLDER/open" ] || cat "$FOLDER/gate"');
  const alert = (): void => command.run('Ops', 'words', () => undefined);
  const runs = async (): Promise<number> => (await heard()).split('\n').length - 1;
  for (let at = 0; at < 2 * ALERT_COMMANDS_MAX; at += 1) alert();
  await eventually(async () => expect(await runs()).toBe(ALERT_COMMANDS_MAX));
  await writeFile(join(folder, 'open'), '');
  // Each reader of the pipe ends when this writer does.
  await (await open(gate, 'w')).close();
  await eventually(async () => {
    alert();
    expect(await runs()).toBeGreaterThan(ALERT_COMMANDS_MAX);
  });
});
