import {
  aboutOf as aboutCommand,
  commandNames,
  commandOf,
  usageOf,
} from '../client/chat/commands/command-table.ts';
import { chatTexts } from '../client/texts/chat-texts.ts';
import { tuiTexts } from '../client/texts/tui-texts.ts';
import { type ConfigKey, configKeys, meaningOf } from '../client/tui/config/config-keys.ts';
import { aboutOf, actions } from '../client/tui/keys/actions.ts';

/** The tables of docs/terminal.md, made from those that the full-screen client works with. */

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** One row for rooms 1 to 9, which differ in their number only. */
export function chatKeysTable(): string {
  const rows = actions
    .filter(({ id }) => !/^room-[2-9]$/.test(id))
    .map(({ section: sectionId, id, keys }) => {
      const section = tuiTexts.sections[sectionId];
      const shown = keys.map((key) => `\`${key}\``).join(', ');
      return id === 'room-1'
        ? `| ${section} | \`alt+1\` … \`alt+9\` | \`room-1\` … \`room-9\` | go to the 1st … 9th room |`
        : `| ${section} | ${shown} | \`${id}\` | ${cell(aboutOf(id))} |`;
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
    const { section: sectionId, who } = commandOf(name);
    const section = chatTexts.sections[sectionId];
    return `| ${section} | \`${cell(usageOf(name))}\` | ${cell(aboutCommand(name))} | ${whoMay[who]} |`;
  });
  return ['| | command | what it does | who may |', '|---|---|---|---|', ...rows].join('\n');
}

export function chatConfigTable(): string {
  const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
  const rows = keys.map(
    (key) =>
      `| \`${key.name}\` | \`${JSON.stringify(key.fallback)}\` | ${cell(meaningOf(key))} | ${cell(key.allowed)} |`,
  );
  return ['| key | default | meaning | allowed |', '|---|---|---|---|', ...rows].join('\n');
}
