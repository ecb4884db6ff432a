import { commandNames, commandOf, usageOf } from '../client/chat/commands/command-table.ts';
import { type ConfigKey, configKeys } from '../client/tui/config/config-keys.ts';
import { actions } from '../client/tui/keys/actions.ts';

/** The tables of docs/terminal.md, made from those that the full-screen client works with. */

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** One row for rooms 1 to 9, which differ in their number only. */
export function chatKeysTable(): string {
  const rows = actions
    .filter(({ id }) => !/^room-[2-9]$/.test(id))
    .map(({ section, id, keys, about }) => {
      const shown = keys.map((key) => `\`${key}\``).join(', ');
      return id === 'room-1'
        ? `| ${section} | \`alt+1\` … \`alt+9\` | \`room-1\` … \`room-9\` | go to the 1st … 9th room |`
        : `| ${section} | ${shown} | \`${id}\` | ${cell(about)} |`;
    });
  return ['| | keys | action | what it does |', '|---|---|---|---|', ...rows].join('\n');
}

const whoMay = {
  anyone: 'anyone',
  member: 'members',
  moderator: 'moderators and the owner',
  owner: 'the owner',
} as const;

export function chatCommandsTable(): string {
  const rows = commandNames.map((name) => {
    const { section, about, who } = commandOf(name);
    return `| ${section} | \`${cell(usageOf(name))}\` | ${cell(about)} | ${whoMay[who]} |`;
  });
  return ['| | command | what it does | who may |', '|---|---|---|---|', ...rows].join('\n');
}

export function chatConfigTable(): string {
  const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
  const rows = keys.map(
    ({ name, fallback, meaning, allowed }) =>
      `| \`${name}\` | \`${JSON.stringify(fallback)}\` | ${cell(meaning)} | ${cell(allowed)} |`,
  );
  return ['| key | default | meaning | allowed |', '|---|---|---|---|', ...rows].join('\n');
}
