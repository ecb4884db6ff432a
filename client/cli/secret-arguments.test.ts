import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildAdminProgram } from '../admin/admin-program.ts';
import { buildProgram } from './program.ts';

const silent = { out: () => undefined, err: () => undefined };
const secret = /pass|secret|token|key|code|invite/i;

/** Everything that may hold a value: options as they are declared, arguments by their name. */
function valuesOf(command: Command): readonly string[] {
  return [
    ...command.options.filter(({ required, optional }) => required || optional).map(({ flags }) => flags),
    ...command.registeredArguments.map((argument) => `<${argument.name()}>`),
    ...command.commands.flatMap(valuesOf),
  ];
}

test.each([
  ['conclave', buildProgram('1', silent, () => undefined)],
  ['conclave-admin', buildAdminProgram('1', silent, () => undefined)],
])('no option or argument of %s takes a secret', (_, program) => {
  const secrets = valuesOf(program).filter((value) => secret.test(value));
  expect(secrets.length).toBeGreaterThan(0);
  // Other processes see arguments; a file has an owner and a mode.
  expect(secrets.filter((value) => !value.endsWith(' <file>'))).toEqual([]);
});
