import { Argument, type Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { bashCompletion } from '../completion/bash-completion.ts';
import { type CommandEntry, commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { usage } from '../exit-codes.ts';
import type { Written } from '../parse-arguments.ts';

const scripts = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Readonly<Record<string, (program: CommandEntry) => string>>;
type Shell = keyof typeof scripts;

/** A command that is at most so many letters away is the one that was probably meant. */
const TYPO_LETTERS_MAX = 2;

/** Commands about the commands: they need no profile and no settings. */
export function helpCommands(program: Command, written: Written): void {
  program.helpCommand(false);
  program
    .command('completion')
    .description('print the completion of commands and options for a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(scripts)))
    .action((shell: Shell) => written.out(scripts[shell](commandTree(program))))
    .addHelpText('after', loading);
  program
    .command('help [command...]')
    .description('explain a command, or all of them')
    .action((names: readonly string[]) => written.out(commandOf(program, names).helpInformation()));
}

const loading = `
To load it at each start:
  bash  echo 'eval "$(conclave completion bash)"' >> ~/.bashrc
  zsh   echo 'source <(conclave completion zsh)' >> ~/.zshrc       (after compinit)
  fish  conclave completion fish > ~/.config/fish/completions/conclave.fish`;

/** The command that a path of names leads to. Throws a usage failure that names what was probably meant. */
function commandOf(program: Command, names: readonly string[]): Command {
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
