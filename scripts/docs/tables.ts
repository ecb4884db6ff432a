/** Tables of the documentation, each made from one of the tables that the code runs on. */
import { pino } from 'pino';
import {
  aboutOf as aboutCommand,
  commandNames,
  commandOf,
  usageOf,
} from '../../client/chat/commands/command-table.ts';
import { chatTexts } from '../../client/texts/chat-texts.ts';
import { tuiTexts } from '../../client/texts/tui-texts.ts';
import { type ConfigKey, configKeys, meaningOf } from '../../client/tui/config/config-keys.ts';
import { aboutOf, actions } from '../../client/tui/keys/actions.ts';
import { parameterTable } from '../../loadtest/parameters.ts';
import { scenarios } from '../../loadtest/scenarios.ts';
import { logEvents } from '../../src/ports/log-events.ts';
import { closeCodes, errorCodes } from '../../src/protocol/codes.ts';
import { features } from '../../src/protocol/features.ts';
import { fileErrors } from '../../src/protocol/file-transfers.ts';
import * as limits from '../../src/protocol/limits.ts';
import { createTelemetry } from '../../src/telemetry/prometheus-telemetry.ts';
import { type Cell, code, table } from './markdown-table.ts';

function tableOf<Entry>(
  headings: readonly string[],
  entries: Readonly<Record<string, Entry>>,
  rowOf: (name: string, entry: Entry) => readonly Cell[],
): string {
  return table(
    headings,
    Object.entries(entries).map(([name, entry]) => rowOf(name, entry)),
  );
}

export const featuresTable = (): string =>
  tableOf(['feature', 'since', 'what it is'], features, (name, { since, meaning }) => [
    code(name),
    since,
    meaning,
  ]);

const retryText = {
  never: 'no',
  later: 'yes, later',
  'after-change': 'after mending what it names',
} as const;

export const errorCodesTable = (): string =>
  tableOf(['code', 'name', 'meaning', 'can a retry help?'], errorCodes, (name, error) => [
    error.code,
    code(name),
    error.meaning,
    retryText[error.retry],
  ]);

export const closeCodesTable = (): string =>
  tableOf(['code', 'name', 'meaning', 'reconnect?'], closeCodes, (name, close) => [
    close.code,
    code(name),
    close.meaning,
    close.code < 3500 ? 'yes' : 'no',
  ]);

export const fileErrorsTable = (): string =>
  tableOf(['status', 'error', 'meaning'], fileErrors, (name, { status, meaning }) => [
    status,
    code(name),
    meaning,
  ]);

export function protocolLimitsTable(): string {
  const numbers = Object.entries(limits).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return tableOf(['limit', 'value'], Object.fromEntries(numbers), (name, value) => [code(name), value]);
}

export const logEventsTable = (): string =>
  tableOf(['event', 'meaning'], logEvents, (event, meaning) => [code(event), meaning]);

/** The gateway's own metrics, in the order in which it makes them. */
export function metricsTable(): string {
  const { metrics } = createTelemetry(pino({ level: 'silent' }), { version: '', nodeVersion: '' });
  const rows = metrics.map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ]);
  return table(['metric', 'type', 'labels', 'meaning'], rows);
}

export function scenariosTable(): string {
  const rows = scenarios.map(({ name, about, defaults }) => {
    const own = Object.entries(defaults).map(([parameter, value]) => code(`${parameter} ${value}`));
    return [code(name), about, own.join(', ')];
  });
  return table(['scenario', 'what happens', 'its own defaults'], rows);
}

export const parametersTable = (): string =>
  tableOf(['parameter', 'default', 'meaning', 'allowed'], parameterTable, (name, parameter) => [
    code(`--${name}`),
    parameter.fallback,
    parameter.meaning,
    `${parameter.min} to ${parameter.max}`,
  ]);

/** One row for rooms 1 to 9, which differ in their number only. */
export function chatKeysTable(): string {
  const rows = actions
    .filter(({ id }) => !/^room-[2-9]$/.test(id))
    .map(({ section, id, keys }) => [
      tuiTexts.sections[section],
      ...(id === 'room-1'
        ? ['`alt+1` … `alt+9`', '`room-1` … `room-9`', 'go to the 1st … 9th room']
        : [keys.map(code).join(', '), code(id), aboutOf(id)]),
    ]);
  return table(['section', 'keys', 'action', 'what it does'], rows);
}

const whoMay = {
  anyone: 'anyone',
  member: 'members',
  moderator: 'moderators and the owner',
  owner: 'the owner',
} as const;

export function chatCommandsTable(): string {
  const rows = commandNames.map((name) => {
    const { section, who } = commandOf(name);
    return [chatTexts.sections[section], code(usageOf(name)), aboutCommand(name), whoMay[who]];
  });
  return table(['section', 'command', 'what it does', 'who may'], rows);
}

export function chatConfigTable(): string {
  const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
  const rows = keys.map((key) => [
    code(key.name),
    code(JSON.stringify(key.fallback)),
    meaningOf(key),
    key.allowed,
  ]);
  return table(['key', 'default', 'meaning', 'allowed'], rows);
}
