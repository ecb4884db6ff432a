import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../client/cli/program.ts';
import { configKeys } from '../../src/config/config-keys.ts';
import { findInPath } from '../support/programs/find-in-path.ts';

const folder = 'docs/man';
const pages = readdirSync(folder).filter((file) => file.endsWith('.1'));

function shown(file: string): string {
  const groff = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P', '-cbou', join(folder, file)], {
    encoding: 'utf8',
  });
  expect([groff.error, groff.stderr]).toEqual([undefined, '']);
  return groff.stdout;
}

test('every page is set without a warning', ({ skip }) => {
  if (findInPath('groff') === undefined) skip('groff is not installed');
  for (const file of pages) expect(shown(file)).toMatch(/^NAME\n {7}conclave/m);
});

test('the pages show every command and option, and every key of the gateway, as it is typed', ({ skip }) => {
  if (findInPath('groff') === undefined) skip('groff is not installed');
  const program = buildProgram('', { out: () => undefined, err: () => undefined }, () => undefined);
  const page = shown('conclave.1');
  for (const command of program.commands) expect(page).toMatch(new RegExp(`^ {7}${command.name()}\\b`, 'm'));
  expect(page).toContain('conclave react Lobby last 👍');
  for (const { flags, hidden } of program.commands.flatMap(({ options }) => options))
    expect([flags, page.includes(flags)]).toEqual([flags, !hidden]);
  const gateway = shown('conclave-gateway.1');
  for (const { name } of Object.values(configKeys)) expect(gateway).toContain(`CONCLAVE_${name}`);
});

test('every page that the package names is there, and the other way round', () => {
  const { man } = JSON.parse(readFileSync('package.json', 'utf8')) as { man: string[] };
  expect(man.toSorted()).toEqual(pages.map((page) => `${folder}/${page}`).toSorted());
});
