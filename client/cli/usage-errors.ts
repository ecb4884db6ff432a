import type { Command, CommanderError } from 'commander';
import { shellQuoted } from '../profile/shell-quoted.ts';
import { type CliTexts, cliTexts } from '../texts/cli-texts.ts';
import { filled, type Values } from '../texts/filled.ts';
import { type CommandFailure, usage } from './exit-codes.ts';

/** What the parser found wrong with a command line, in words that say what to type. */
export function usageFailure(command: Command, { code, message }: CommanderError): CommandFailure {
  const given = /'([^']*)'/.exec(message)?.[1] ?? '';
  const say = (text: keyof CliTexts['usage'], values: Values = {}): CommandFailure =>
    usage(filled(cliTexts.usage[text], { command: pathOf(command), given, ...values }));
  switch (code) {
    case 'commander.unknownCommand': {
      const wanted = /Did you mean ([\w-]+)/.exec(message)?.[1];
      return wanted === undefined ? say('unknown_command') : say('unknown_command_meant', { wanted });
    }
    case 'commander.missingArgument':
      return say('missing_argument', { wanted: given.toUpperCase(), usage: usageOf(command) });
    case 'commander.excessArguments':
      return tooMany(command, say);
    case 'commander.unknownOption':
      return unknownOption(command, given, /Did you mean (--[\w-]+)/.exec(message)?.[1], say);
    case 'commander.optionMissingArgument':
      return say('missing_value', { given: /--[\w-]+/.exec(given)?.[0] ?? given });
    case 'commander.invalidArgument':
      return say('bad_choice', { wanted: /Allowed choices are (.*)\.$/.exec(message)?.[1] });
    default:
      return say('not_understood');
  }
}

type Say = (text: keyof CliTexts['usage'], values?: Values) => CommandFailure;

function tooMany(command: Command, say: Say): CommandFailure {
  const count = command.registeredArguments.length;
  const typed = command.args.slice(0, count - 1);
  if (!takesText(command))
    return say('too_many', { given: command.args.slice(count).join(' '), usage: usageOf(command) });
  const text = command.args.slice(count - 1).join(' ');
  return say('quote_the_text', { usage: [pathOf(command), ...[...typed, text].map(shellQuoted)].join(' ') });
}

function unknownOption(
  command: Command,
  given: string,
  wanted: string | undefined,
  say: Say,
): CommandFailure {
  if (wanted !== undefined) return say('unknown_option_meant', { wanted });
  if (!takesText(command)) return say('unknown_option');
  const typed = command.args.slice(0, command.registeredArguments.length - 1);
  return say('dashes_first', {
    usage: [pathOf(command), ...typed.map(shellQuoted), '--', shellQuoted(given)].join(' '),
  });
}

/** Its last argument is free text, in which people forget the quotes. */
function takesText(command: Command): boolean {
  return command.registeredArguments.at(-1)?.name() === 'text';
}

/** The words that lead to a command, with its program. */
export function pathOf(command: Command): string {
  const names: string[] = [];
  for (let now: Command | null = command; now !== null; now = now.parent) names.unshift(now.name());
  return names.join(' ');
}

function usageOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const shown = argument.name().toUpperCase();
    return argument.required ? shown : `[${shown}]`;
  });
  return [pathOf(command), ...args].join(' ');
}
