import type { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';

/** A command within this edit distance is probably the one that was meant. */
const TYPO_LETTERS_MAX = 2;

/** The command that a path of names leads to. Throws a usage failure that names what was probably meant. */
export function namedCommand(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names) {
    const known = command.commands.map((below) => below.name());
    const next = command.commands.find((below) => below.name() === name);
    if (next === undefined) {
      const meant = known.find((other) => other.startsWith(name)) ?? nearest(name, known);
      const text = cliTexts.usage[meant === undefined ? 'unknown_topic' : 'unknown_topic_meant'];
      throw usage(filled(text, { given: names.join(' '), wanted: meant }));
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
