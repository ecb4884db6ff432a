declare const brand: unique symbol;

/**
 * A key with its modifiers in the one way it is written: `ctrl+a`, `alt+shift+x`, `alt+enter`, `pageup`, `f1`. Modifiers
 * stand in the order ctrl, alt, shift. What types a character, alone or with Shift, is text and has no name.
 */
export type KeyName = string & { readonly [brand]: 'KeyName' };

export interface KeyPress {
  /** A named key, or one character. */
  readonly base: string;
  readonly ctrl?: boolean;
  readonly alt?: boolean;
  readonly shift?: boolean;
}

const functionKeys = Array.from({ length: 24 }, (_, index) => `f${index + 1}`);
const namedKeys: ReadonlySet<string> = new Set([
  'enter',
  'tab',
  'backspace',
  'escape',
  'space',
  'up',
  'down',
  'left',
  'right',
  'home',
  'end',
  'pageup',
  'pagedown',
  'insert',
  'delete',
  'wheelup',
  'wheeldown',
  ...functionKeys,
]);
const otherNames: Readonly<Record<string, string>> = {
  return: 'enter',
  esc: 'escape',
  del: 'delete',
  ins: 'insert',
  pgup: 'pageup',
  pgdn: 'pagedown',
  ' ': 'space',
};
/** Terminals send the same for these as for the keys on the right. */
const sameWithCtrl: Readonly<Record<string, KeyPress>> = {
  i: { base: 'tab' },
  m: { base: 'enter' },
  h: { base: 'backspace' },
  '?': { base: 'backspace' },
  '[': { base: 'escape' },
  '@': { base: 'space', ctrl: true },
  '/': { base: '_', ctrl: true },
};
const withCtrl = /^[a-z\\\]^_]$/;
const character = /^[^\p{C}\p{Z}\p{M}]$/u;
const modifiers = ['ctrl', 'alt', 'shift'] as const;

/** Undefined: no key that a terminal can send, or one that types a character. */
export function parseKeyName(text: string): KeyName | undefined {
  const parts = /^((?:(?:ctrl|alt|shift)\+)*)(.+)$/isu.exec(text.trim());
  const [, before = '', base = ''] = parts ?? [];
  const given = before.toLowerCase().split('+').slice(0, -1);
  if (parts === null || new Set(given).size !== given.length) return undefined;
  return keyNameOf({
    base,
    ctrl: given.includes('ctrl'),
    alt: given.includes('alt'),
    shift: given.includes('shift'),
  });
}

/** A character as the key that types it, for when nothing is being written. Undefined: it is none, or several. */
export function parseLetterKey(text: string): KeyName | undefined {
  return character.test(text) ? (text as KeyName) : undefined;
}

/** The name of a key that was pressed. Undefined as above. */
export function keyNameOf(press: KeyPress): KeyName | undefined {
  const { base, ctrl = false, alt = false, shift = false } = press;
  const lower = base.toLowerCase();
  const name = otherNames[lower] ?? lower;
  if (namedKeys.has(name)) {
    // Space with Shift alone is a space.
    return name === 'space' && !ctrl && !alt ? undefined : written({ base: name, ctrl, alt, shift });
  }
  if (!character.test(base)) return undefined;
  if (ctrl) {
    const same = sameWithCtrl[lower];
    if (same !== undefined) return keyNameOf({ ...same, alt, shift });
    return withCtrl.test(lower) && !shift ? written({ base: lower, ctrl, alt }) : undefined;
  }
  if (!alt) return undefined;
  const isUpper = lower !== base && lower.toUpperCase() === base;
  if (shift && !isUpper && base.toUpperCase() === base) return undefined;
  return written({ base: lower, alt, shift: shift || isUpper });
}

function written(press: KeyPress): KeyName {
  const before = modifiers.filter((modifier) => press[modifier] === true).map((modifier) => `${modifier}+`);
  return (before.join('') + press.base) as KeyName;
}
