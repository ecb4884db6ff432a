import type { Command } from 'commander';
import { buildAdminProgram } from '../client/admin/admin-program.ts';
import { buildProgram } from '../client/cli/program.ts';

/** The tables of commands in docs/, made from the commands themselves. */

const written = { out: () => undefined, err: () => undefined };
const cell = (text: string): string => text.replaceAll('|', '\\|');

const conclave = (): Command => buildProgram('', written, () => undefined);
const admin = (): Command => buildAdminProgram('', written, () => undefined);

export const commandsTable = (): string => commandsOf(conclave());
export const optionsTable = (): string => optionsOf(conclave());
export const adminCommandsTable = (): string => commandsOf(admin());
export const adminOptionsTable = (): string => optionsOf(admin());

function commandsOf(program: Command): string {
  const rows = program.commands.map((command) => {
    const args = command.registeredArguments.map((argument) => {
      const shown = argument.name().toUpperCase();
      return argument.required ? shown : `[${shown}]`;
    });
    const options = command.options.map(({ flags, description }) => `<br>\`${flags}\` ${cell(description)}`);
    return `| \`${[command.name(), ...args].join(' ')}\` | ${cell(command.description())}${options.join('')} |`;
  });
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}

function optionsOf({ options }: Command): string {
  const rows = options.map(({ flags, description }) => `| \`${flags}\` | ${cell(description)} |`);
  return ['| option | what it does |', '|---|---|', ...rows].join('\n');
}
