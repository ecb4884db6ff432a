import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type InputToken, takeToken, tokensOfRest } from './input-tokens.ts';
import { type KeyName, type KeyPress, keyNameOf } from './key-name.ts';
import { Paste } from './paste.ts';
import { keyOfSequence, type Pressed } from './sequence-key.ts';

/** Escape, and nothing in this time, was the key. On one machine, Alt and sequences come in one piece. */
export const ESCAPE_MS = 50;
/** Over a network, packets may split them. */
export const ESCAPE_OVER_NETWORK_MS = 200;
/** A sequence that stopped in the middle is dropped after this time. */
const SEQUENCE_MS = 500;
/** What comes within this time of an Escape that was taken for the key may still be the rest of a sequence, or of Alt+Enter. */
const LATE_MS = 1_000;
/** A paste whose end does not come is taken as it is after this time of silence. */
const PASTE_SILENCE_MS = 2000;

export type InputEvent =
  | { readonly type: 'key'; readonly key: KeyName }
  /** The terminal's window came into the foreground, or left it. */
  | { readonly type: 'focus'; readonly focused: boolean }
  /** Typed characters, without controls. */
  | { readonly type: 'text'; readonly text: string }
  /** `cut`: it was over PASTE_CHARS_MAX, and the rest of it is lost. */
  | { readonly type: 'paste'; readonly text: string; readonly cut: boolean };

/** What somebody did at the keyboard. */
export type TypedEvent = Exclude<InputEvent, { readonly type: 'focus' }>;

export interface KeyReaderOptions {
  readonly escapeMs?: number;
  readonly sequenceMs?: number;
  readonly lateMs?: number;
  readonly pasteSilenceMs?: number;
}

const pasteStart = '\x1b[200~';

/**
 * Keys, text and pastes from a terminal in raw mode. However the bytes arrive, the events are the same, apart from how
 * text is cut. The terminal has to be told to bracket pastes (`CSI ? 2004 h`).
 */
export class KeyReader {
  readonly #input: Readable;
  readonly #escapeMs: number;
  readonly #sequenceMs: number;
  readonly #lateMs: number;
  readonly #pasteSilenceMs: number;
  readonly #utf8 = new StringDecoder('utf8');
  readonly #handlers = new Set<(event: InputEvent) => void>();
  #rest = '';
  #paste: Paste | undefined;
  /** The beginning of a sequence that was given up a moment ago. */
  #given = '';
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(input: Readable, options: KeyReaderOptions = {}) {
    this.#input = input;
    this.#escapeMs = options.escapeMs ?? ESCAPE_MS;
    this.#sequenceMs = options.sequenceMs ?? SEQUENCE_MS;
    this.#lateMs = options.lateMs ?? LATE_MS;
    this.#pasteSilenceMs = options.pasteSilenceMs ?? PASTE_SILENCE_MS;
    input.on('data', this.#onData);
  }

  /** The result takes the handler off again. */
  onEvent(handler: (event: InputEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Another program reads from the terminal meanwhile. What was begun is dropped. */
  async pausedDuring<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    [this.#rest, this.#given, this.#paste] = ['', '', undefined];
    this.#input.off('data', this.#onData);
    this.#input.pause();
    try {
      return await work();
    } finally {
      if (!this.#isClosed) {
        this.#input.on('data', this.#onData);
        this.#input.resume();
      }
    }
  }

  /** No events after this; the stream is paused, so that it keeps no process alive. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#input.off('data', this.#onData);
    this.#input.pause();
    this.#handlers.clear();
  }

  readonly #onData = (chunk: Buffer | string): void => {
    clearTimeout(this.#timer);
    const text = typeof chunk === 'string' ? chunk : this.#utf8.write(chunk);
    const given = this.#given;
    this.#given = '';
    this.#take(given !== '' && isRestOf(given, text) ? given + text : text);
    this.#waitForRest();
  };

  #take(chunk: string): void {
    let rest: string | undefined = chunk;
    while (rest !== undefined && rest !== '')
      rest = this.#paste === undefined ? this.#takeKeys(rest) : this.#takePaste(this.#paste, rest);
  }

  #takePaste(paste: Paste, chunk: string): string | undefined {
    const after = paste.take(chunk);
    if (after !== undefined) this.#endPaste(paste);
    return after;
  }

  #endPaste(paste: Paste): void {
    this.#paste = undefined;
    this.#emit({ type: 'paste', ...paste.content() });
  }

  /** What follows the beginning of a paste. */
  #takeKeys(chunk: string): string | undefined {
    const input = this.#rest + chunk;
    this.#rest = '';
    let at = 0;
    while (at < input.length) {
      const taken = takeToken(input, at);
      if (taken === undefined) break;
      at = taken.end;
      if (taken.token.type === 'sequence' && taken.token.text === pasteStart) {
        this.#paste = new Paste();
        return input.slice(at);
      }
      this.#emitToken(taken.token);
    }
    this.#rest = input.slice(at);
    return undefined;
  }

  #waitForRest(): void {
    if (this.#paste !== undefined) this.#timer = setTimeout(this.#onSilence, this.#pasteSilenceMs);
    else if (this.#rest !== '') {
      // No key but Escape itself is likely to be meant by a beginning.
      const mayBeKey = isEscapes(this.#rest);
      this.#timer = setTimeout(this.#onSilence, mayBeKey ? this.#escapeMs : this.#sequenceMs);
    }
  }

  readonly #onSilence = (): void => {
    const rest = this.#rest;
    this.#rest = '';
    if (this.#paste !== undefined) this.#endPaste(this.#paste);
    else {
      for (const token of tokensOfRest(rest)) this.#emitToken(token);
      this.#given = rest;
      this.#timer = setTimeout(() => {
        this.#given = '';
      }, this.#lateMs);
    }
  };

  #emitToken(token: InputToken): void {
    const pressed = eventOf(token);
    if (pressed !== undefined) this.#emit(pressed);
  }

  #emit(event: InputEvent): void {
    for (const handler of this.#handlers) handler(event);
  }
}

const ESC = '\u001b';
const isEscapes = (text: string): boolean => text !== '' && text.replaceAll(ESC, '') === '';
const restOfSequence = /^[ -/0-?]*[@-~]/;
const restOfEscape = /^(?:\r|\[$|\[[ -/0-?]*[@-~]|O[A-DFHMP-S]$)/;

/** A sequence of which the rest came late, or Alt+Enter: nothing that a person types after Escape in such a short time. */
function isRestOf(given: string, text: string): boolean {
  if (isEscapes(given)) return restOfEscape.test(text);
  return /^[[O]/.test(given.replace(ESC, '')) && restOfSequence.test(text);
}

function eventOf(token: InputToken): Pressed | undefined {
  switch (token.type) {
    case 'text':
      return token;
    case 'control':
      return keyEvent(keyNameOf({ ...controlKey(token.text), alt: token.alt }));
    case 'alt':
      return keyEvent(keyNameOf({ base: token.text, alt: true }));
    case 'sequence':
      return keyOfSequence(token.text, token.alt);
    case 'nothing':
      return undefined;
  }
}

function controlKey(control: string): KeyPress {
  if (control === '\x7f') return { base: 'backspace' };
  // Controls are the signs and letters 64 places after them, with Ctrl: @, A–Z, [ \ ] ^ _. Beyond them are the 8-bit
  // controls, which have no place in UTF-8 and get no name.
  return { base: String.fromCharCode(control.charCodeAt(0) + 64), ctrl: true };
}

function keyEvent(key: KeyName | undefined): Pressed | undefined {
  return key === undefined ? undefined : { type: 'key', key };
}
