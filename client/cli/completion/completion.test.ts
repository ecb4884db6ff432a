import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../program.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-completion-'));
  for (const shell of shells) writeFileSync(join(folder, shell), await script(shell));
  mkdirSync(join(folder, 'here', 'a folder'), { recursive: true });
  writeFileSync(join(folder, 'here', 'a key.pem'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function script(shell: Shell): Promise<string> {
  let written = '';
  const out = (text: string): void => {
    written += text;
  };
  const program = buildProgram('1', { out, err: () => undefined }, () => undefined);
  await program.parseAsync(['completion', shell], { from: 'user' });
  return written;
}

/** Has a real shell load the script and complete the last of these words. */
const completing: Readonly<Record<Shell, (words: readonly string[]) => readonly string[]>> = {
  bash: (words) => [
    'bash',
    '--norc',
    '-c',
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _conclave; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    join(folder, 'bash'),
    ...words,
  ],
  // What offers the candidates to a person is replaced by what prints them.
  zsh: (words) => [
    'zsh',
    '-f',
    '-c',
    `compdef() { :; }
     _describe() { local -a found; found=(\${(P)2}); print -rl -- "\${(@)found%%:*}"; }
     _files() { print -r -- "files $*"; }
     source "$1"; shift; words=("$@"); CURRENT=$#; _conclave`,
    'zsh',
    join(folder, 'zsh'),
    ...words,
  ],
  fish: (words) => [
    'fish',
    '--no-config',
    '-c',
    'source $argv[1]; complete -C $argv[2] | string replace -r "\\t.*" ""',
    join(folder, 'fish'),
    words.join(' '),
  ],
};

function completed(shell: Shell, ...words: readonly string[]): readonly string[] {
  const [program = '', ...args] = completing[shell](['conclave', ...words]);
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', cwd: join(folder, 'here') });
  expect([error, stderr]).toEqual([undefined, '']);
  const start = shell === 'fish' ? (words.at(-1) ?? '') : words.at(-1);
  return stdout
    .split('\n')
    .filter((word) => word !== '' && (shell === 'zsh' || word.startsWith(start ?? '')));
}

const isHere = (shell: Shell): boolean => spawnSync(shell, ['--version']).error === undefined;

describe.each(shells)('completion in %s', (shell) => {
  test('offers the commands, and the options of the program', ({ skip }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`);
    expect(completed(shell, '')).toEqual(expect.arrayContaining(['send', 'tail', 'verify', 'help']));
    expect(completed(shell, 'ver')).toContain('verify');
    expect(completed(shell, '--')).toEqual(expect.arrayContaining(['--server', '--json', '--help']));
  });

  test('offers the options of the command that was chosen, and those of the program beside them', ({
    skip,
  }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`);
    const offered = completed(shell, '--server', 'ws://localhost:1', '--json', 'tail', 'Lobby', '--');
    expect(offered).toEqual(expect.arrayContaining(['--since', '--follow', '--count', '--json']));
    expect(offered).not.toContain('--fingerprint');
  });

  test('offers no command where the value of an option stands', ({ skip }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`);
    expect(completed(shell, '--user', 'se')).toEqual([]);
    expect(completed(shell, '--user', 'send', 'se')).toContain('send');
    expect(completed(shell, 'tail', '-n', '')).toEqual([]);
  });

  test('offers files and folders where an option or argument is one', ({ skip }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`);
    const files = { bash: 'a key.pem', zsh: 'files', fish: 'a key.pem' }[shell];
    expect(completed(shell, 'register', 'alice', '--rsa-key', '').join('\n')).toContain(files);
    expect(completed(shell, 'import', '').join('\n')).toContain(files);
    const folders = completed(shell, '--profile', '').join('\n');
    expect(folders).toContain({ bash: 'a folder', zsh: 'files -/', fish: 'a folder/' }[shell]);
    expect(folders).not.toContain('key');
  });

  test('offers the shells to completion, and the commands to help', ({ skip }) => {
    if (!isHere(shell)) skip(`${shell} is not installed`);
    expect(completed(shell, 'completion', '').toSorted()).toEqual(shells.toSorted());
    expect(completed(shell, 'help', 'ta')).toContain('tail');
  });
});
