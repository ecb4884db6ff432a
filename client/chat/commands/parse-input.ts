import { closest, distance } from 'fastest-levenshtein';
import { TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { type Argument, quotedWord } from './argument-kinds.ts';
import {
  type CommandCall,
  type CommandName,
  commandNames,
  commandOf,
  isCommandName,
  usageOf,
} from './command-table.ts';

export type ParsedInput =
  /** Nothing but spaces. */
  | { readonly type: 'nothing' }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'command'; readonly call: CommandCall }
  /** `secret`: a password may stand in the input, so it belongs into no history. */
  | { readonly type: 'error'; readonly message: string; readonly secret: boolean };

const { input } = chatTexts;
const SLASH = '/';
const nearMissEdits = 2;
const QUOTED_CHARS_MAX = 32;

/** What someone wrote, when they send it. */
export function parseInput(typed: string): ParsedInput {
  const text = typed.trimEnd();
  if (text.trim() === '') return { type: 'nothing' };
  if (!text.startsWith(SLASH)) return message(text);
  if (text.startsWith(SLASH + SLASH)) return message(text.slice(1));
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
  const known = name.toLowerCase();
  return isCommandName(known) ? parseArguments(known, rest) : unknownCommand(name, rest);
}

function message(text: string): ParsedInput {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= TEXT_BYTES_MAX) return { type: 'message', text };
  return {
    type: 'error',
    message: input.too_long(bytes, TEXT_BYTES_MAX),
    secret: false,
  };
}

function unknownCommand(name: string, rest: string): ParsedInput {
  const nearest = closest(name.toLowerCase(), [...commandNames]);
  const isNear = isCommandName(nearest) && distance(name.toLowerCase(), nearest) <= nearMissEdits;
  const advice = isNear ? input.meant(SLASH + nearest) : input.see_help;
  const shown = shortened(SLASH + name);
  return {
    type: 'error',
    message: input.unknown_command(shown, advice),
    secret: isNear && rest !== '' && commandOf(nearest).asksPassword === true,
  };
}

/**
 * Each word goes to the first argument without one that takes it, so that optional ones may stand in any order. The call
 * that comes out is what the table says of the command: here alone the two meet.
 */
function parseArguments(name: CommandName, rest: string): ParsedInput {
  const command = commandOf(name);
  const open = new Map(Object.entries(command.args));
  const values: Record<string, unknown> = {};
  let left = rest;
  while (left !== '') {
    const [first] = open.values();
    if (first === undefined) return fault(name, input.too_many_words, rest);
    const word = first.kind.isRest === true ? left : wordOf(open, left);
    const taker = takerOf(open, word);
    if (taker === undefined) {
      const about = command.asksPassword === true ? input.what_follows : quoted(word);
      const allowed = first.required ? [first] : [...open.values()];
      const what = input.not_allowed(
        about,
        allowed.map(({ kind }) => kind.allowed),
      );
      return fault(name, what, rest);
    }
    values[taker.key] = taker.value;
    open.delete(taker.key);
    left = left.slice(word.length).trimStart();
  }
  for (const [key, { kind, required }] of open) {
    if (required) return fault(name, input.missing(kind.shown), rest);
    values[key] = undefined;
  }
  return { type: 'command', call: { name, ...values } as CommandCall };
}

function wordOf(open: ReadonlyMap<string, Argument<unknown, boolean>>, left: string): string {
  const isQuoted = [...open.values()].some(({ kind }) => kind.isQuoted === true);
  return isQuoted ? quotedWord(left) : (/^\S+/.exec(left)?.[0] ?? left);
}

function takerOf(
  open: ReadonlyMap<string, Argument<unknown, boolean>>,
  word: string,
): { readonly key: string; readonly value: unknown } | undefined {
  for (const [key, { kind, required }] of open) {
    const value = kind.parse(word);
    if (value !== undefined) return { key, value };
    if (required) return undefined;
  }
  return undefined;
}

function fault(name: CommandName, what: string, rest: string): ParsedInput {
  const asksPassword = commandOf(name).asksPassword === true;
  return {
    type: 'error',
    message: input.wrong(SLASH + name, what, usageOf(name), asksPassword),
    secret: asksPassword && rest !== '',
  };
}

function quoted(text: string): string {
  return `"${shortened(text)}"`;
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= QUOTED_CHARS_MAX
    ? text
    : `${characters.slice(0, QUOTED_CHARS_MAX - 1).join('')}…`;
}
