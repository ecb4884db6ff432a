import { Argument, type Command } from 'commander';
import type { CommandEntry } from '../completion/command-tree.ts';
import type { Written } from '../parse-arguments.ts';

const scripts = {
  bash: async () => (await import('../completion/bash-completion.ts')).bashCompletion,
  zsh: async () => (await import('../completion/zsh-completion.ts')).zshCompletion,
  fish: async () => (await import('../completion/fish-completion.ts')).fishCompletion,
} as const satisfies Readonly<Record<string, () => Promise<(program: CommandEntry) => string>>>;
type Shell = keyof typeof scripts;

/** Commands about the commands: they need no profile and no settings. */
export function helpCommands(program: Command, written: Written): void {
  program.helpCommand(false);
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(scripts)))
    .action(async (shell: Shell) => {
      const { commandTree } = await import('../completion/command-tree.ts');
      const scriptOf = await scripts[shell]();
      written.out(scriptOf(commandTree(program)));
    })
    .addHelpText('after', loading);
  program
    .command('help [command...]')
    .description('explain a command, or all of them')
    .action(async (names: readonly string[]) => {
      const { namedCommand } = await import('./named-command.ts');
      namedCommand(program, names).outputHelp();
    });
}

const loading = `
To load it in every new shell:
  bash  echo 'eval "$(conclave completion bash)"' >> ~/.bashrc
  zsh   echo 'source <(conclave completion zsh)' >> ~/.zshrc       (after compinit)
  fish  conclave completion fish > ~/.config/fish/completions/conclave.fish`;
