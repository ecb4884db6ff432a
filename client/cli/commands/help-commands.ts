import { Argument, type Command } from 'commander';
import { cliTexts } from '../../texts/cli-texts.ts';
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
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .action(async (shell: Shell) => {
      const { commandTree } = await import('../completion/command-tree.ts');
      const scriptOf = await scripts[shell]();
      written.out(scriptOf(commandTree(program)));
    })
    .addHelpText('after', cliTexts.programs.loadCompletion);
  program.command('help [command...]').action(async (names: readonly string[]) => {
    const { namedCommand } = await import('./named-command.ts');
    namedCommand(program, names).outputHelp();
  });
}
