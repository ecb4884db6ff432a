import { expect, test } from 'vitest';
import type { ChosenCommand } from './chosen-command.ts';
import { CommandFailure, EXIT_USAGE } from './exit-codes.ts';
import { commandsBelow } from './explained.ts';
import { buildProgram, parseCommandLine } from './program.ts';

const silent = { out: () => undefined, err: () => undefined };

const parsed = (...argv: readonly string[]): Promise<ChosenCommand | undefined> =>
  parseCommandLine(argv, '0.0.0', silent);

/** A value of each argument that its command takes. */
const fitting: Readonly<Record<string, string>> = { room: 'Lobby', name: 'alice', shell: 'bash' };

interface NamePlace {
  readonly command: string;
  readonly argument: string;
  /** The command line with this word there. */
  readonly line: (word: string) => readonly string[];
}

/** Every argument of every command that names a room or a user. */
const places: readonly NamePlace[] = commandsBelow(
  buildProgram('0.0.0', silent, () => undefined),
  [],
).flatMap(([command, { registeredArguments }]) =>
  registeredArguments.flatMap((named, at) => {
    const argument = named.name();
    // Beside its rooms, the words of `bot` are a program's.
    if ((argument !== 'room' && argument !== 'name') || command === 'bot') return [];
    const line = (word: string): readonly string[] => {
      const words = registeredArguments.map((other, i) => (i === at ? word : (fitting[other.name()] ?? 'x')));
      return [...command.split(' '), ...words];
    };
    return [{ command, argument, line }];
  }),
);

const newRooms = ['create room', 'join room', 'room rename name'];
const isNewRoom = ({ command, argument }: NamePlace): boolean => newRooms.includes(`${command} ${argument}`);

test('every name that a command takes is known to these tests', () => {
  const known = places.map(({ command, argument }) => `${command} ${argument}`);
  for (const place of [
    ...newRooms,
    'chat room',
    'tail room',
    'dm name',
    'register name',
    'use name',
    'restore name',
  ])
    expect(known).toContain(place);
  expect(places.length).toBeGreaterThan(40);
});

test.each(places)(
  '$command refuses a $argument that cannot be one as wrong usage, before it does anything',
  async (place) => {
    const long = 'x'.repeat(31);
    for (const word of [
      '',
      'ab',
      long,
      'no spaces',
      'Löbby',
      '"Lobby"',
      '##Lobby',
      '@',
      '@no spaces',
      'a/b',
      '\u001b[2J',
    ])
      await expect(parsed(...place.line(word)), JSON.stringify(word)).rejects.toMatchObject({
        name: CommandFailure.name,
        exitCode: EXIT_USAGE,
        message: expect.stringMatching(/^a (room|user) name is 3 to \d+ letters \(A to Z\) and digits/),
      });
  },
);

test.each(places)('$command takes a $argument, with the sign of the chat before it', async (place) => {
  for (const sign of ['', '#', '@']) {
    const outcome = parsed(...place.line(`${sign}Lobby`));
    if (sign === '@' && isNewRoom(place) && place.argument === 'room')
      await expect(outcome).rejects.toMatchObject({ exitCode: EXIT_USAGE });
    else await expect(outcome).resolves.toBeDefined();
  }
});

test('the rooms of tail are each looked at, and so is the room of search', async () => {
  await expect(parsed('tail', 'Lobby', 'no room')).rejects.toMatchObject({ exitCode: EXIT_USAGE });
  await expect(parsed('search', 'text', '--room', 'no room')).rejects.toMatchObject({ exitCode: EXIT_USAGE });
  expect((await parsed('search', 'text', '--room', '#Lobby'))?.run).toBeDefined();
});
