/** Something that must not, or must, be found. */
export interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function textNeedle(name: string, text: string): Needle {
  return { name, bytes: Buffer.from(text, 'utf8') };
}

/** Shorter ones are found by chance. */
const NEEDLE_BYTES_MIN = 6;

/**
 * The names of those that occur in the bytes: as they are, in hexadecimal of either case, in Base64 of either alphabet
 * at whatever place of a longer text, as UTF-16, or as the numbers of a JSON array.
 */
export function found(haystack: Buffer, needles: readonly Needle[]): readonly string[] {
  return needles
    .filter((needle) => formsOf(needle).some((form) => haystack.includes(form)))
    .map(({ name }) => name);
}

function formsOf({ name, bytes }: Needle): readonly Buffer[] {
  const raw = Buffer.from(bytes);
  if (raw.length < NEEDLE_BYTES_MIN) throw new RangeError(`${name} is too short to be looked for`);
  const hex = raw.toString('hex');
  const texts = [hex, hex.toUpperCase(), raw.join(','), ...base64Forms(raw)];
  return [raw, Buffer.from(raw.toString('utf8'), 'utf16le'), ...texts.map((text) => Buffer.from(text))];
}

/** What of the needle's Base64 does not depend on its neighbours, for each of the three places it can begin at. */
function base64Forms(raw: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const from = offset === 0 ? 0 : 3 - offset;
    const whole = raw.subarray(from, from + Math.floor((raw.length - from) / 3) * 3);
    return [whole.toString('base64'), whole.toString('base64url')];
  });
}
