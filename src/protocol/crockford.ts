/** Digits and capitals without I, L, O, which look like digits, and U: Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS_PER_LETTER = 5;
const GROUP_LETTERS = 4;

/** As people type it: in any case, with or without dashes and spaces, with O for 0 and I or L for 1. Undefined for other signs. */
export function parseLetters(text: string): string | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return [...letters].every((letter) => ALPHABET.includes(letter)) ? letters : undefined;
}

/** In groups of four, for people to read and copy. */
export function shownLetters(letters: string): string {
  return letters.replace(new RegExp(`.{${GROUP_LETTERS}}(?=.)`, 'g'), '$&-');
}

/** Five bits make a letter; what is left over at the end is dropped. */
export function lettersOf(bytes: Uint8Array): string {
  let letters = '';
  let waiting = 0;
  let bits = 0;
  for (const byte of bytes) {
    waiting = (waiting << 8) | byte;
    for (bits += 8; bits >= BITS_PER_LETTER; bits -= BITS_PER_LETTER)
      letters += letterOf((waiting >> (bits - BITS_PER_LETTER)) & 31);
    waiting &= (1 << bits) - 1;
  }
  return letters;
}

/** Of letters that parseLetters() gave. */
export function valuesOf(letters: string): readonly number[] {
  return [...letters].map((letter) => ALPHABET.indexOf(letter));
}

export function letterOf(value: number): string {
  return ALPHABET.charAt(value);
}
