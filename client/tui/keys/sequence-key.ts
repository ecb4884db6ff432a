import { emitKeypressEvents, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import { type KeyName, type KeyPress, keyNameOf } from './key-name.ts';

export type Pressed =
  /** The terminal's window came into the foreground, or left it. */
  | { readonly type: 'focus'; readonly focused: boolean }
  | { readonly type: 'key'; readonly key: KeyName }
  | { readonly type: 'text'; readonly text: string };

/**
 * `CSI code ; modifiers u` of kitty and xterm, with the parts that kitty may add, and xterm's `CSI 27 ; modifiers ;
 * code ~`, both without their Escape.
 */
const codedKeys = [
  /^\[(?<code>\d+)(?::[\d:]*)?(?:;(?<modifiers>\d*)(?::(?<kind>\d))?)?(?:;[\d:]*)?u$/,
  /^\[27;(?<modifiers>\d+);(?<code>\d+)~$/,
];
const releaseOfKey = '3';
/** `CSI < button ; column ; row M`: a button of the mouse that was pressed. */
const mouseButton = /^\[<(?<button>\d+);\d+;\d+M$/;
const wheelUp = 64;
const wheelDown = 65;
const mouseModifiers = 4 | 8 | 16;
const focusIn = '\x1b[I';
const focusOut = '\x1b[O';
const keypadEnter = '\x1bOM';
const namedCodes: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'escape',
  32: 'space',
  127: 'backspace',
};

/** The key that sends this sequence. Undefined: none that is known, or the release of one. */
export function keyOfSequence(sequence: string, alt: boolean): Pressed | undefined {
  for (const codedKey of codedKeys) {
    const groups = codedKey.exec(sequence.slice(1))?.groups;
    if (groups !== undefined) return keyOfCode(groups, alt);
  }
  if (sequence === focusIn || sequence === focusOut) return { type: 'focus', focused: sequence === focusIn };
  if (sequence.startsWith('\x1b[<')) return wheelKey(sequence);
  if (sequence === keypadEnter) return named({ base: 'enter', alt });
  const [key, ...more] = decoded(sequence);
  if (key?.name === undefined || key.name.length < 2 || more.length > 0) return undefined;
  return named({
    base: key.name,
    ctrl: key.ctrl === true,
    alt: alt || key.meta === true,
    shift: key.shift === true,
  });
}

function wheelKey(sequence: string): Pressed | undefined {
  const button = Number(mouseButton.exec(sequence.slice(1))?.groups?.['button'] ?? 0) & ~mouseModifiers;
  if (button === wheelUp) return named({ base: 'wheelup' });
  return button === wheelDown ? named({ base: 'wheeldown' }) : undefined;
}

/** What Node makes of a whole sequence; a new decoder each time, so that none is left in the middle of one. */
function decoded(sequence: string): readonly Key[] {
  const keys: Key[] = [];
  const stream = new PassThrough();
  emitKeypressEvents(stream);
  stream.on('keypress', (_text: string | undefined, key: Key) => keys.push(key));
  stream.emit('data', sequence);
  stream.destroy();
  return keys;
}

function keyOfCode(
  groups: Readonly<Record<string, string | undefined>>,
  altBefore: boolean,
): Pressed | undefined {
  const code = Number(groups['code']);
  const bits = Number(groups['modifiers'] || '1') - 1;
  if (groups['kind'] === releaseOfKey || code > 0x10ffff) return undefined;
  const base = namedCodes[code] ?? String.fromCodePoint(code);
  const press: KeyPress = {
    base,
    shift: (bits & 1) !== 0,
    alt: altBefore || (bits & 2) !== 0,
    ctrl: (bits & 4) !== 0,
  };
  const key = named(press);
  if (key !== undefined || press.ctrl || press.alt) return key;
  const text = base === 'space' ? ' ' : base;
  if (/^\p{C}$/u.test(text)) return undefined;
  return { type: 'text', text: press.shift ? text.toUpperCase() : text };
}

function named(press: KeyPress): Pressed | undefined {
  const key = keyNameOf(press);
  return key === undefined ? undefined : { type: 'key', key };
}
