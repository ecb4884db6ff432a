import { ID_BYTES } from '../../src/protocol/ids.ts';
import { randomBytes } from './web-crypto.ts';

/** A new id of the kind that this parses. */
export function freshId<Id>(parse: (value: unknown) => Id | undefined): Id {
  const id = parse(randomBytes(ID_BYTES));
  if (id === undefined) throw new TypeError(`an id is ${ID_BYTES} bytes`);
  return id;
}
