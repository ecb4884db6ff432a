import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildAdminProgram, parseAdminLine } from '../admin/admin-program.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import type { CommandText } from '../texts/english/command-text.ts';
import { commandsBelow } from './explained.ts';
import { buildProgram, parseCommandLine } from './program.ts';

const silent = { out: () => undefined, err: () => undefined };

/** The words of the last command in a line for a shell, as a shell gives them: quotes go, redirections are not arguments. */
function typedWords(line: string): readonly string[] {
  const [command = ''] = line.split('|').at(-1)?.split(' > ') ?? [];
  return [...command.trim().matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

type Program = readonly [
  name: string,
  program: Command,
  texts: Readonly<Record<string, CommandText>>,
  parse: typeof parseCommandLine | typeof parseAdminLine,
];
const programs: readonly Program[] = [
  ['conclave', buildProgram('1', silent, () => undefined), cliTexts.commands, parseCommandLine],
  ['conclave-admin', buildAdminProgram('1', silent, () => undefined), cliTexts.adminCommands, parseAdminLine],
];

describe.each(programs)('the help of %s', (name, program, texts, parse) => {
  const commands = commandsBelow(program, []);

  it('has a text for each command, and none for another', () => {
    expect(commands.map(([path]) => path).toSorted()).toEqual(Object.keys(texts).toSorted());
  });

  it.each(commands.map(([path, command]) => ({ path, command })))(
    'explains every argument and option of $path that it shows',
    ({ path, command }) => {
      const named = command.registeredArguments.map((argument) => argument.name());
      expect(Object.keys(texts[path]?.arguments ?? {})).toEqual(named);
      for (const { description } of command.registeredArguments) expect(description).not.toBe('');
      for (const { description, hidden } of command.options) expect(description !== '' || hidden).toBe(true);
    },
  );

  it.each(['', ...commands.map(([path]) => path)])('fits a screen of 80 columns: %s', async (path) => {
    let shown = '';
    await parse([...path.split(' ').filter((word) => word !== ''), '--help'], '1', {
      out: (text) => {
        shown += text;
      },
      err: () => undefined,
    });
    expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(commands.flatMap(([path]) => (texts[path]?.examples ?? []).map((line) => ({ path, line }))))(
    'shows examples that can be typed: $line',
    async ({ path, line }) => {
      const [program = '', ...words] = typedWords(line);
      expect(program).toBe(name);
      let shown = '';
      const chosen = await parse(words, '1', {
        out: (text) => {
          shown += text;
        },
        err: () => undefined,
      });
      expect(chosen !== undefined || shown !== '').toBe(true);
      expect(words.join(' ')).toContain(path);
    },
  );
});

describe('a command line', () => {
  const refusal = async (...words: readonly string[]): Promise<string> =>
    parseCommandLine(words, '1', silent).then(
      () => 'taken',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );

  it.each([
    [['tail', '-f', 'Lobby', '-n', '5']],
    [['search', 'x', '-n', '3']],
    [['send', 'Lobby', '-']],
    [['send', 'Lobby', '--', '-5 degrees']],
  ])('takes the short forms that people know: %j', async (words) => {
    expect(await refusal(...words)).toBe('taken');
  });

  it.each([['-h'], ['-V'], ['tail', '-h']])('takes %j as a question', async (...words) => {
    let shown = '';
    const out = (text: string): void => {
      shown += text;
    };
    expect(await parseCommandLine(words, '1.2.3', { out, err: () => undefined })).toBeUndefined();
    expect(shown).not.toBe('');
  });

  it.each([
    [['send', 'Lobby', 'hi', 'there'], "put the text in quotes: conclave send Lobby 'hi there'"],
    [
      ['send', 'Lobby', '-5 degrees'],
      `a text that begins with "-" goes after --: conclave send Lobby -- '-5 degrees'`,
    ],
    [['search', 'two', 'words'], "put the text in quotes: conclave search 'two words'"],
    [['tail'], 'ROOM is missing. Usage: conclave tail ROOM'],
    [['members', 'Lobby', 'Hall'], 'Hall is one argument too many. Usage: conclave members ROOM'],
    [['room', 'kick', 'Lobby'], 'NAME is missing. Usage: conclave room kick ROOM NAME [REASON]'],
    [['tail', 'Lobby', '--folow'], 'conclave tail has no option --folow: did you mean --follow?'],
    [['tail', 'Lobby', '--sinking'], 'conclave tail has no option --sinking: see conclave tail --help'],
    [['tail', 'Lobby', '--count'], '--count needs a value: see conclave tail --help'],
    [['sned', 'Lobby'], 'there is no command sned: did you mean send?'],
    [['room', 'kik', 'Lobby'], 'there is no command kik: see conclave room --help'],
    [['--jsno', 'rooms'], 'conclave has no option --jsno: did you mean --json?'],
  ])('that cannot be understood is answered with what to type: %j', async (words, said) => {
    expect(await refusal(...words)).toBe(said);
  });
});
