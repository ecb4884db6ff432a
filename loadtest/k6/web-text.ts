/**
 * k6 before 2.2 has neither TextEncoder nor TextDecoder, which MessagePack and the protocol code want. The bundler puts these
 * in their place; they do UTF-8 and nothing else.
 */
export class TextEncoder {
  encode(text = ''): Uint8Array {
    const bytes = new Uint8Array(3 * text.length);
    return bytes.subarray(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number } {
    let written = 0;
    for (const character of text) {
      const code = scalarOf(character);
      if (code < 0x80) bytes[written++] = code;
      else {
        const following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        bytes[written++] = ((0xff00 >> (following + 1)) & 0xff) | (code >> (6 * following));
        for (let left = following - 1; left >= 0; left -= 1)
          bytes[written++] = 0x80 | ((code >> (6 * left)) & 0x3f);
      }
    }
    return { read: text.length, written };
  }
}

export class TextDecoder {
  /** Always strict, which is how the protocol code asks for it. Throws TypeError on what is no UTF-8. */
  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at] ?? 0;
      const following = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
      let code = following === 0 ? first : first & (0x3f >> following);
      for (let next = 1; next <= following; next += 1) {
        const byte = bytes[at + next] ?? 0;
        if ((byte & 0xc0) !== 0x80) throw new TypeError('no UTF-8');
        code = (code << 6) | (byte & 0x3f);
      }
      if (isNoScalar(code, first, following)) throw new TypeError('no UTF-8');
      text += String.fromCodePoint(code);
      at += 1 + following;
    }
    return text;
  }
}

const SMALLEST_BY_LENGTH: readonly number[] = [0, 0x80, 0x800, 0x10000];
const REPLACEMENT = 0xfffd;

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isNoScalar(code: number, first: number, following: number): boolean {
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return true;
  return code > 0x10ffff || isSurrogate(code) || code < (SMALLEST_BY_LENGTH[following] ?? 0);
}

function scalarOf(character: string): number {
  const code = character.codePointAt(0) ?? REPLACEMENT;
  return isSurrogate(code) ? REPLACEMENT : code;
}
