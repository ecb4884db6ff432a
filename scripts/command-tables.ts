import { buildProgram } from '../client/cli/program.ts';

/** The tables of docs/command-line.md, made from the commands themselves. */

const written = { out: () => undefined, err: () => undefined };
const cell = (text: string): string => text.replaceAll('|', '\\|');

export function commandsTable(): string {
  const program = buildProgram('', written, () => undefined);
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

export function optionsTable(): string {
  const { options } = buildProgram('', written, () => undefined);
  const rows = options.map(({ flags, description }) => `| \`${flags}\` | ${cell(description)} |`);
  return ['| option | what it does |', '|---|---|', ...rows].join('\n');
}
