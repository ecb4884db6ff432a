import { tuiTexts } from '../../texts/tui-texts.ts';
import { aboutOf, actions } from '../keys/actions.ts';
import { type ConfigKey, configKeys, meaningOf } from './config-keys.ts';

const { config: texts } = tuiTexts;

/** A config file that says what is in force without one; from it one keeps the lines that one wants otherwise. */
export function defaultConfigText(): string {
  const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
  const values = keys.map(
    (key) =>
      `# ${texts.sentence(meaningOf(key))}\n# ${texts.allowed(key.allowed)}\n${key.name} = ${JSON.stringify(key.fallback)}\n`,
  );
  const sections = [...new Set(actions.map(({ section }) => section))].map((section) => {
    const lines = actions
      .filter((action) => action.section === section)
      .map(
        ({ id, keys: bound }) => `# ${aboutOf(id)}\n${id} = [${bound.map((key) => `"${key}"`).join(', ')}]`,
      );
    return `# ${tuiTexts.sections[section]}\n\n${lines.join('\n')}\n`;
  });
  return [`# ${texts.about}\n`, ...values, `# ${texts.keys_about}\n[keys]\n`, ...sections].join('\n');
}
