import { readFile, stat } from 'node:fs/promises';
import { closest, distance } from 'fastest-levenshtein';
import { parse, TomlError } from 'smol-toml';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { type Bindings, defaultBindings, readBindings } from '../keys/key-map.ts';
import { type ConfigKey, type ConfigValues, configKeys } from './config-keys.ts';

export interface ChatConfig extends ConfigValues {
  readonly bindings: Bindings;
}

export type ReadConfig =
  | { readonly config: ChatConfig }
  /** Lines for the person whose file it is. */
  | { readonly faults: readonly string[] };

/** No person writes a longer one. */
export const CONFIG_BYTES_MAX = 64 * 1024;

const { config: texts } = tuiTexts;
const bindingsName = 'keys';
const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);
const names: readonly string[] = [...keys.map(({ name }) => name), bindingsName];
const nearMissEdits = 3;
const SHOWN_COLUMNS_MAX = 40;

export const defaultConfig: ChatConfig = configOf(new Map(), defaultBindings);

/** The config of a file; a file that is not there is one without a line. */
export async function readConfigFile(file: string): Promise<ReadConfig> {
  try {
    if ((await stat(file)).size > CONFIG_BYTES_MAX)
      return { faults: [texts.in_file(file, texts.too_long(CONFIG_BYTES_MAX))] };
    return parseConfig(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)), file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') return { config: defaultConfig };
    const fault = code.startsWith('ERR_ENCODING') ? texts.not_utf8 : texts.unreadable;
    return { faults: [texts.in_file(file, fault)] };
  }
}

/** `file` stands before every fault. */
export function parseConfig(text: string, file: string): ReadConfig {
  const table = parsedToml(text, file);
  if ('faults' in table) return table;
  const faults: string[] = [];
  const fault = (name: string, what: string): void => {
    faults.push(texts.in_file(`${file}${lineOf(text, name)}`, what));
  };
  for (const name of Object.keys(table.values))
    if (!names.includes(name)) fault(name, texts.unknown(shown(name), adviceFor(name)));
  const given = new Map<string, unknown>();
  for (const { name, parse: parseValue, allowed } of keys) {
    const value = table.values[name];
    if (value === undefined) continue;
    const parsed = parseValue(value);
    if (parsed === undefined) fault(name, texts.wrong(name, shown(value), allowed));
    else given.set(name, parsed);
  }
  const bindings = parsedBindings(table.values[bindingsName], fault);
  return faults.length > 0 || bindings === undefined ? { faults } : { config: configOf(given, bindings) };
}

function configOf(given: ReadonlyMap<string, unknown>, bindings: Bindings): ChatConfig {
  const value = <T>(key: ConfigKey<T>): T => key.parse(given.get(key.name)) ?? key.fallback;
  return {
    notify: value(configKeys.notify),
    notifyCommand: value(configKeys.notifyCommand),
    theme: value(configKeys.theme),
    mouse: value(configKeys.mouse),
    typing: value(configKeys.typing),
    links: value(configKeys.links),
    clipboard: value(configKeys.clipboard),
    pictureViewer: value(configKeys.pictureViewer),
    roomsColumns: value(configKeys.roomsColumns),
    membersColumns: value(configKeys.membersColumns),
    bindings,
  };
}

function parsedToml(
  text: string,
  file: string,
): { readonly values: Readonly<Record<string, unknown>> } | { readonly faults: readonly string[] } {
  try {
    return { values: parse(text, { unsafeKeyBehaviour: 'throw', maxDepth: 8 }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The first line says what is wrong, the others repeat the text.
    const [what = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    return { faults: [texts.in_file(`${file}:${error.line}:${error.column}`, visibleLine(what))] };
  }
}

function parsedBindings(value: unknown, fault: (name: string, what: string) => void): Bindings | undefined {
  if (value === undefined) return defaultBindings;
  if (!isTable(value)) {
    fault(bindingsName, texts.wrong(bindingsName, shown(value), texts.keys_table));
    return undefined;
  }
  const own: Record<string, readonly string[]> = {};
  for (const [id, given] of Object.entries(value)) {
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    const keyNames = list.filter((text) => typeof text === 'string');
    if (keyNames.length < list.length) fault(id, texts.wrong(shown(id), shown(given), texts.key_or_list));
    own[id] = keyNames;
  }
  const read = readBindings(own);
  if ('bindings' in read) return read.bindings;
  // Each fault begins with the action that it is about.
  for (const what of read.faults)
    fault(/^[^\s:]*/.exec(what)?.[0] ?? '', texts.in_keys(bindingsName, visibleLine(what)));
  return undefined;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function adviceFor(name: string): string {
  const nearest = closest(name, [...names]);
  return distance(name, nearest) <= nearMissEdits
    ? texts.meant(nearest)
    : texts.allowed_only(names.join(', '));
}

/** `:LINE` of the first assignment to the name, or of its table; nothing where it is written in another way. */
function lineOf(text: string, name: string): string {
  const beginning = [`${name}=`, `"${name}"=`, `[${name}]`];
  const at = text
    .split('\n')
    .findIndex((line) => beginning.some((start) => line.replace(/\s+/g, '').startsWith(start)));
  return at < 0 ? '' : `:${at + 1}`;
}

function shown(value: unknown): string {
  return truncate(visibleLine(JSON.stringify(value) ?? String(value)), SHOWN_COLUMNS_MAX);
}
