import { StartRefused } from '../../ports/backend.ts';
import type { Schema } from '../../ports/schema.ts';
import type { WriteView } from './write-lane.ts';

/** Raised when what is stored changes its form so that an older gateway would misread it. */
export const SCHEMA_NUMBER = 1;

/** Two releases never share a data directory, and each reads what the other wrote: there is one form so far. */
export const embeddedSchema: Schema = {
  newest: SCHEMA_NUMBER,
  inForce: () => SCHEMA_NUMBER,
  refresh: async () => SCHEMA_NUMBER,
  raise: async () => undefined,
};

const key = Buffer.from('schema');

/** Writes the number into a new store; refuses one that a newer gateway wrote. */
export function checkSchema(view: WriteView): void {
  const stored = view.get('meta', key);
  if (stored === undefined) {
    view.put('meta', key, Buffer.from(String(SCHEMA_NUMBER)));
    return;
  }
  const number = Number(Buffer.from(stored).toString());
  if (number > SCHEMA_NUMBER || !Number.isSafeInteger(number)) {
    throw new StartRefused(
      'schema_too_new',
      `the data directory has schema ${number}, this gateway knows up to ${SCHEMA_NUMBER}: a newer gateway wrote it`,
    );
  }
}
