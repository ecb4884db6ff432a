/** Answers of a terminal that never end are dropped after this many characters. */
const ANSWER_CHARS_MAX = 4096;

/** No key sends a longer sequence. */
const SEQUENCE_CHARS_MAX = 64;

/** What a terminal sends, cut into its smallest units. */
export type InputToken =
  /** Characters without controls. */
  | { readonly type: 'text'; readonly text: string }
  /** One control character, with `alt` when Escape came right before it. */
  | { readonly type: 'control'; readonly text: string; readonly alt: boolean }
  /** One character with Alt. */
  | { readonly type: 'alt'; readonly text: string }
  /** A whole escape sequence of one key, without the Escape that some terminals put before it for Alt. */
  | { readonly type: 'sequence'; readonly text: string; readonly alt: boolean }
  /** An answer of the terminal to a question, or what is no sequence: nobody's key. */
  | { readonly type: 'nothing' };

export interface TakenToken {
  readonly token: InputToken;
  /** Where the next one begins. */
  readonly end: number;
}

const ESC = '\u001b';
const BEL = '\u0007';
const ST = '\u009c';
const escapeKey: InputToken = { type: 'control', text: ESC, alt: false };

// All of these begin after the Escape.
/** Keys of the Linux console; of rxvt with Shift, which end in what elsewhere is the middle; of all; of the keypad. */
const wholeSequence = /\[\[[A-E]|\[\d+\$|\[[0-?]*[ -/]*[@-Z\\-~]|O\d*[@-~]/y;
const begunSequence = /(?:\[\[?|\[[0-?]*[ -/]*|O\d*)?$/y;
const brokenSequence = /\[\[|\[[0-?]*[ -/]*|O\d*/y;
/** Only what answers begin with: Alt with ], P or _ begins the same. */
const answerStart = /\][0-9]|P[0-9>!+]|_G/y;
const begunAnswer = /[\]P_]$/y;

const text = /\P{Cc}+/uy;
const oneCharacter = /\P{Cc}/uy;
const control = /\p{Cc}/gu;

/** The first token at `at`. Undefined: more input may make it a longer one. */
export function takeToken(input: string, at: number): TakenToken | undefined {
  if (input[at] === ESC) return input[at + 1] === ESC ? takeDoubleEscape(input, at) : takeEscape(input, at);
  const run = match(text, input, at);
  if (run !== undefined) return { token: { type: 'text', text: run }, end: at + run.length };
  return { token: { type: 'control', text: input.charAt(at), alt: false }, end: at + 1 };
}

/** What an incomplete token is when nothing follows in time. */
export function tokensOfRest(rest: string): readonly InputToken[] {
  if (rest === ESC) return [escapeKey];
  if (rest === ESC + ESC) return [escapeKey, escapeKey];
  const character = rest.slice(1);
  return /^[[\]OP_]$/.test(character) ? [{ type: 'alt', text: character }] : [];
}

/** Alt with a key that sends a sequence; else the first Escape was the key. */
function takeDoubleEscape(input: string, at: number): TakenToken | undefined {
  const from = at + 2;
  const sequence = match(wholeSequence, input, from);
  if (sequence !== undefined) return sequenceToken(sequence, from, true);
  if (isBegun(input, from)) return undefined;
  return { token: escapeKey, end: at + 1 };
}

function takeEscape(input: string, at: number): TakenToken | undefined {
  const from = at + 1;
  const sequence = match(wholeSequence, input, from);
  if (sequence !== undefined) return sequenceToken(sequence, from, false);
  if (isBegun(input, from)) return undefined;
  if (match(answerStart, input, from) !== undefined) return takeAnswer(input, from);
  if (match(begunAnswer, input, from) !== undefined) return undefined;
  const broken = match(brokenSequence, input, from);
  if (broken !== undefined) return { token: { type: 'nothing' }, end: from + broken.length };
  const character = match(oneCharacter, input, from);
  if (character !== undefined)
    return { token: { type: 'alt', text: character }, end: from + character.length };
  return { token: { type: 'control', text: input.charAt(from), alt: true }, end: from + 1 };
}

function isBegun(input: string, from: number): boolean {
  return input.length - from <= SEQUENCE_CHARS_MAX && match(begunSequence, input, from) !== undefined;
}

function sequenceToken(sequence: string, from: number, alt: boolean): TakenToken {
  return { token: { type: 'sequence', text: ESC + sequence, alt }, end: from + sequence.length };
}

function takeAnswer(input: string, from: number): TakenToken | undefined {
  control.lastIndex = from;
  const end = control.exec(input);
  if (end === null)
    return input.length - from > ANSWER_CHARS_MAX
      ? { token: { type: 'nothing' }, end: input.length }
      : undefined;
  const at = end.index;
  if (end[0] === BEL || end[0] === ST) return { token: { type: 'nothing' }, end: at + 1 };
  if (end[0] !== ESC) return { token: { type: 'nothing' }, end: at };
  if (at + 1 === input.length) return undefined;
  return { token: { type: 'nothing' }, end: input[at + 1] === '\\' ? at + 2 : at };
}

function match(pattern: RegExp, input: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(input)?.[0];
}
