import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { scannedCode } from '../support/terminal/scanned-code.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
});
afterAll(() => scene[Symbol.asyncDispose]());

const verifying = (
  args: readonly string[],
  terminal: { readonly columns?: number; readonly env?: Readonly<Record<string, string>> } = {},
): TmuxTerminal =>
  TmuxTerminal.start({
    command: [
      process.execPath,
      'dist/client/cli/main.js',
      ...scene.options('alice'),
      'verify',
      'bob',
      ...args,
    ],
    rows: 40,
    ...terminal,
  });

/** The digits on a screen, and the rows below them up to the question. */
function partsOf(screen: string): { readonly digits: string; readonly rows: readonly string[] } {
  const lines = screen.split('\n');
  const isNumber = (line: string): boolean => /^ {2}(\d{5} ?){6}$/.test(line);
  const numbers = lines.filter(isNumber);
  const rows = lines.slice(
    lines.findLastIndex(isNumber) + 1,
    lines.findIndex((line) => line.startsWith('Does bob')),
  );
  return { digits: numbers.join('').replaceAll(' ', ''), rows };
}

describe('verify on a terminal', () => {
  it.each([
    ['black on white', {}, 'dark'],
    ['in the terminal’s own light colour with NO_COLOR', { NO_COLOR: '1' }, 'light'],
  ] as const)('draws the number as a code that scanners read, %s', async (_, env, ink) => {
    await using terminal = verifying([], { env });
    const { digits, rows } = partsOf(await terminal.shows('Does bob see the same number'));
    expect(digits).toMatch(/^\d{60}$/);
    const width = Math.max(...rows.map((row) => row.length), 33);
    expect(
      scannedCode(
        rows.map((row) => row.padEnd(width)),
        ink,
      ),
    ).toBe(digits);
    expect((await terminal.styledScreen()).includes('\u001b[30m\u001b[47m')).toBe(ink === 'dark');
    await terminal.line('yes');
    await terminal.shows('bob is verified');
    expect(await terminal.ended()).toBe(0);
  });

  it.each([
    ['when it is not wanted', ['--no-qr'], 80],
    ['when it does not fit', [], 32],
  ] as const)('shows the number alone %s', async (_, args, columns) => {
    await using terminal = verifying(args, { columns });
    const screen = await terminal.shows('(yes/no)');
    expect(screen).not.toMatch(/[█▀▄]/);
    expect(screen).toContain('Safety number with bob');
  });

  it('stays as it was for scripts', async () => {
    const { stdout, code } = await scene.as('alice', 'verify', 'bob');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Safety number with bob \(\w+\):\n( {2}(\d{5} ?){6}\n){2}$/),
    ]);
  });
});
