import { randomBytes } from 'node:crypto';

const ID_BYTES = 16;

/** `parse` takes 32 lower-case hexadecimal digits, as the parsers of all ids of 16 bytes do. */
export function randomId<Id>(parse: (digits: string) => Id | undefined): Id {
  return idFrom(parse, randomBytes(ID_BYTES));
}

/** The id of 16 bytes that this program made itself: anything else is a bug, and throws TypeError. */
export function idFrom<Id>(parse: (digits: string) => Id | undefined, bytes: Uint8Array): Id {
  const id = parse(Buffer.from(bytes).toString('hex'));
  if (id === undefined) throw new TypeError(`${bytes.length} bytes are no id`);
  return id;
}
