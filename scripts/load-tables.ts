import { parameterNames, parameterTable } from '../loadtest/parameters.ts';
import { scenarios } from '../loadtest/scenarios.ts';

/** The tables of loadtest/README.md. */

export function scenariosTable(): string {
  const rows = scenarios.map(({ name, about, defaults }) => {
    const own = Object.entries(defaults).map(([parameter, value]) => `\`${parameter} ${value}\``);
    return `| \`${name}\` | ${about} | ${own.join(', ')} |`;
  });
  return ['| scenario | what happens | its own defaults |', '|---|---|---|', ...rows].join('\n');
}

export function parametersTable(): string {
  const rows = parameterNames.map((name) => {
    const { fallback, min, max, meaning } = parameterTable[name];
    return `| \`--${name}\` | ${fallback} | ${meaning} | ${min} to ${max} |`;
  });
  return ['| parameter | default | meaning | allowed |', '|---|---|---|---|', ...rows].join('\n');
}
