import { actions } from '../keys/actions.ts';
import { type ConfigKey, configKeys } from './config-keys.ts';

/** A config file that says what is in force without one; from it one keeps the lines that one wants otherwise. */
export function defaultConfigText(): string {
  const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
  const values = keys.map(
    ({ name, fallback, meaning, allowed }) =>
      `# ${meaning}.\n# Allowed: ${allowed}.\n${name} = ${JSON.stringify(fallback)}\n`,
  );
  const sections = [...new Set(actions.map(({ section }) => section))].map((section) => {
    const lines = actions
      .filter((action) => action.section === section)
      .map(
        ({ id, keys: bound, about }) => `# ${about}\n${id} = [${bound.map((key) => `"${key}"`).join(', ')}]`,
      );
    return `# ${section}\n\n${lines.join('\n')}\n`;
  });
  return [
    '# The settings of the full-screen client as they are without this file.\n',
    ...values,
    '# Each action with its keys, one key or a list; none: []. What is left away keeps its default.\n[keys]\n',
    ...sections,
  ].join('\n');
}
