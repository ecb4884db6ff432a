import { CURSOR_BYTES_MAX } from '../protocol/limits.ts';
import { decodeStrict, encode } from '../protocol/message-pack.ts';

/** Cursors are opaque to clients: where the next page begins. They carry no secret and are believed only as a position. */
export function encodeCursor(fields: readonly (string | number | Uint8Array)[]): Uint8Array {
  return encode(fields);
}

/** Undefined for what encodeCursor did not make. */
export function decodeCursor(cursor: Uint8Array): readonly unknown[] | undefined {
  if (cursor.length > CURSOR_BYTES_MAX) return undefined;
  const decoded = decodeStrict(cursor, { depthMax: 1, itemsMax: 8 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
  return decoded.value;
}
