import type { Gemoji } from 'gemoji';
import { type ArgumentKind, type CompletionSource, quoted, unquoted } from './argument-kinds.ts';
import type { CommandUser } from './command.ts';
import { commandNames, commandOf, isCommandName, mayUse } from './command-table.ts';

/** What is written, and the offset of the cursor in UTF-16 units. */
export interface Written {
  readonly text: string;
  readonly cursor: number;
}

/** What can be completed; the first of each list are offered first. */
export interface CompletionSources {
  /** What the person is in the room that is shown. */
  readonly who: CommandUser;
  readonly ownRooms: readonly string[];
  readonly allRooms: readonly string[];
  readonly people: readonly string[];
  /** The characters that have a short name with this beginning, best first. */
  readonly emoji: (prefix: string) => readonly string[];
  /** What begins like pathBegun() says; folders end with a slash. */
  readonly paths: readonly string[];
}

export interface Completion {
  /** What the candidates take the place of, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Never empty; each with the sign or space that comes after it. */
  readonly candidates: readonly string[];
}

const CANDIDATES_MAX = 100;
/** More are not looked through one by one. */
const EMOJI_MAX = 20;
/** `:smi`, or `:smile:`; one letter would be every second emoji. */
const emojiName = /^:([a-z0-9_+-]{2,}):?$/i;

/** Undefined: nothing fits what stands before the cursor. */
export function complete({ text, cursor }: Written, sources: CompletionSources): Completion | undefined {
  const before = text.slice(0, cursor);
  const start = wordStart(before);
  const word = before.slice(start);
  const found = isCommand(text)
    ? commandCandidates(before.slice(0, start), word, sources)
    : messageCandidates(start === 0, word, sources);
  // What stands behind the cursor up to the next space stays: only the part before it was meant.
  const candidates = [...new Set(found)].slice(0, CANDIDATES_MAX);
  return candidates.length === 0 ? undefined : { start, end: cursor, candidates };
}

function isCommand(text: string): boolean {
  return text.startsWith('/') && !text.startsWith('//');
}

/** Where the last word begins. In a command its spaces may be quoted, also by a quote that is still open. */
function wordStart(before: string): number {
  const words = isCommand(before) ? /(?:\\.|"[^"]*(?:"|$)|'[^']*(?:'|$)|\S)+/gs : /\S+/g;
  const last = [...before.matchAll(words)].at(-1);
  return last !== undefined && last.index + last[0].length === before.length ? last.index : before.length;
}

/** The beginning of the path that stands before the cursor; undefined: none is meant there. */
export function pathBegun({ text, cursor }: Written): string | undefined {
  const before = text.slice(0, cursor);
  const start = wordStart(before);
  const [name = '', ...given] = before.slice(1, start).trim().split(/\s+/);
  if (!isCommand(text) || start === 0) return undefined;
  const takesPath = openKinds(name.toLowerCase(), given).some(({ source }) => source === 'paths');
  return takesPath ? unquoted(before.slice(start)).replace(/^["']/, '') : undefined;
}

function commandCandidates(before: string, word: string, sources: CompletionSources): readonly string[] {
  if (before === '') {
    const names = commandNames.filter((name) => mayUse(name, sources.who));
    return beginningWith(word.slice(1), names).map((name) => `/${name} `);
  }
  const [name = '', ...given] = before.slice(1).trim().split(/\s+/);
  if (!isCommandName(name.toLowerCase())) return [];
  const open = openKinds(name.toLowerCase(), given);
  return open.flatMap((kind) =>
    kind.source === 'paths'
      ? sources.paths.map((path) => `${quoted(path)}${path.endsWith('/') ? '' : ' '}`)
      : kindCandidates(kind, word, sources).map((candidate) => `${candidate} `),
  );
}

/** The kinds of argument that the next word may be. */
function openKinds(name: string, given: readonly string[]): ReadonlyArray<ArgumentKind<unknown>> {
  const open = isCommandName(name) ? Object.values(commandOf(name).args) : [];
  for (const word of given) {
    const taker = open.findIndex(({ kind }) => kind.isRest === true || kind.parse(word) !== undefined);
    if (taker >= 0) open.splice(taker, 1);
  }
  const required = open.find((argument) => argument.required);
  return (required === undefined ? open : [required]).map(({ kind }) => kind);
}

function kindCandidates(
  kind: ArgumentKind<unknown>,
  word: string,
  sources: CompletionSources,
): readonly string[] {
  if (kind.words !== undefined) return beginningWith(word, kind.words);
  if (kind.source === undefined || kind.source === 'paths') return [];
  if (kind.source === 'emoji') return emojiCandidates(word, sources);
  const names = namesOf(kind.source, sources);
  const whole = beginningWith(word, names);
  // Direct rooms have their mark in the name.
  if (whole.length > 0 && word.startsWith('@')) return whole;
  const mark = /^[@#]/.exec(word)?.[0] ?? '';
  return beginningWith(word.slice(mark.length), names).map((name) => mark + name);
}

function namesOf(
  source: Exclude<CompletionSource, 'emoji' | 'paths'>,
  sources: CompletionSources,
): readonly string[] {
  switch (source) {
    case 'own-rooms':
      return sources.ownRooms;
    case 'all-rooms':
      return [...sources.ownRooms, ...sources.allRooms];
    case 'people':
      return sources.people;
    case 'commands':
      return commandNames;
  }
}

/** People by their name or with @, rooms with #. A message that begins with a name is to that person. */
function messageCandidates(isFirst: boolean, word: string, sources: CompletionSources): readonly string[] {
  if (word === '') return [];
  if (word.startsWith('#'))
    return beginningWith(word.slice(1), [...sources.ownRooms, ...sources.allRooms]).map(
      (room) => `#${room} `,
    );
  const emoji = emojiCandidates(word, sources);
  if (emoji.length > 0) return emoji.map((each) => `${each} `);
  if (word.startsWith('@')) return beginningWith(word.slice(1), sources.people).map((name) => `@${name} `);
  return beginningWith(word, sources.people).map((name) => (isFirst ? `${name}: ` : `${name} `));
}

function emojiCandidates(word: string, sources: CompletionSources): readonly string[] {
  const shortName = emojiName.exec(word)?.[1];
  return shortName === undefined ? [] : sources.emoji(shortName);
}

/** What is typed in full comes first: whoever means Bob is not led to Bobby. */
function beginningWith<T extends string>(prefix: string, words: readonly T[]): readonly T[] {
  const wanted = prefix.toLowerCase();
  const fitting = words.filter((word) => word.toLowerCase().startsWith(wanted));
  return fitting.toSorted((a, b) => Number(b.toLowerCase() === wanted) - Number(a.toLowerCase() === wanted));
}

/** The emoji with a short name that begins like this, the shortest name first. */
export function emojiCalled(prefix: string, known: readonly Gemoji[]): readonly string[] {
  const wanted = prefix.toLowerCase();
  return known
    .flatMap(({ emoji, names }) =>
      names.filter((name) => name.startsWith(wanted)).map((name) => ({ emoji, name })),
    )
    .sort((a, b) => a.name.length - b.name.length)
    .map(({ emoji }) => emoji)
    .slice(0, EMOJI_MAX);
}

/** Loaded when the first one is asked for: most people who chat never do. None, if they can't be loaded now. */
export async function knownEmoji(): Promise<readonly Gemoji[]> {
  const module = await import('gemoji').catch(() => undefined);
  return module?.gemoji ?? [];
}
