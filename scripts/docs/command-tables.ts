import type { Command } from 'commander';
import { buildAdminProgram } from '../../client/admin/admin-program.ts';
import { buildProgram } from '../../client/cli/program.ts';
import { code, table } from './markdown-table.ts';

/** The tables of commands in docs/, made from the commands themselves. */

const written = { out: () => undefined, err: () => undefined };

export const conclave = (): Command => buildProgram('', written, () => undefined);
export const admin = (): Command => buildAdminProgram('', written, () => undefined);

export const commandsTable = (): string => commandsOf(conclave());
export const optionsTable = (): string => optionsOf(conclave());
export const adminCommandsTable = (): string => commandsOf(admin());
export const adminOptionsTable = (): string => optionsOf(admin());

function commandsOf(program: Command): string {
  return table(
    ['command', 'what it does'],
    program.commands.flatMap((command) => rowsOf(command, [])),
  );
}

/** A row for a command, or for each of those below it. */
function rowsOf(command: Command, path: readonly string[]): readonly (readonly string[])[] {
  const words = [...path, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((below) => rowsOf(below, words));
  const args = command.registeredArguments.map((argument) => {
    const shown = argument.name().toUpperCase();
    return argument.required ? shown : `[${shown}]`;
  });
  const shown = command.options.filter(({ hidden }) => !hidden);
  const options = shown.map(({ flags, description }) => `<br>${code(flags)} ${description}`);
  return [[code([...words, ...args].join(' ')), command.description() + options.join('')]];
}

function optionsOf({ options }: Command): string {
  return table(
    ['option', 'what it does'],
    options.map(({ flags, description }) => [code(flags), description]),
  );
}
