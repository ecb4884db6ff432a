import type { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { usage } from '../exit-codes.ts';

/** A command that is at most so many letters away is the one that was probably meant. */
const TYPO_LETTERS_MAX = 2;

/** The command that a path of names leads to. Throws a usage failure that names what was probably meant. */
export function namedCommand(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names) {
    const known = command.commands.map((below) => below.name());
    const next = command.commands.find((below) => below.name() === name);
    if (next === undefined) {
      const meant = known.find((other) => other.startsWith(name)) ?? nearest(name, known);
      const hint = meant === undefined ? 'see conclave help' : `did you mean ${meant}?`;
      throw usage(`no command is called ${[...names].join(' ')}: ${hint}`);
    }
    command = next;
  }
  return command;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const other = closest(name, known);
  return distance(name, other) <= TYPO_LETTERS_MAX ? other : undefined;
}
