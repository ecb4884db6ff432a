import { StartRefused } from '../../ports/backend.ts';
import type { Schema } from '../../ports/schema.ts';
import type { TableReader } from './store-tables.ts';
import type { Decision, WriteView } from './write-lane.ts';

/** A message has its wraps in one row. */
const FIRST_SCHEMA_NUMBER = 1;
/** A message to many has its wraps in chunks. */
export const SCHEMA_WITH_CHUNKS = 2;
/** The newest. Raised with every form that an older gateway would misread. */
export const SCHEMA_NUMBER = 2;

const key = Buffer.from('schema');

interface Link {
  read<T>(operation: string, work: (reader: TableReader) => T): Promise<T>;
  write<T>(operation: string, decision: Decision<T>): Promise<T>;
}

/** One process uses a data directory, so it knows the number that is in force. */
export class EmbeddedSchema implements Schema {
  readonly newest = SCHEMA_NUMBER;
  readonly #link: Link;
  #inForce = FIRST_SCHEMA_NUMBER;

  constructor(link: Link) {
    this.#link = link;
  }

  inForce(): number {
    return this.#inForce;
  }

  async refresh(): Promise<number> {
    this.#inForce = await this.#link.read('schema', (reader) => numberIn(reader.get('meta', key)));
    return this.#inForce;
  }

  /** Nothing is derived: what was stored before stays as it is, and is read. */
  async raise(): Promise<void> {
    await this.#link.write('schema', (view) => view.put('meta', key, textOf(SCHEMA_NUMBER)));
    await this.refresh();
  }
}

/** Writes the newest number into a new store; refuses one that a newer gateway wrote. */
export function checkSchema(view: WriteView): void {
  const stored = view.get('meta', key);
  if (stored === undefined) {
    view.put('meta', key, textOf(SCHEMA_NUMBER));
    return;
  }
  const number = numberIn(stored);
  if (number > SCHEMA_NUMBER || !Number.isSafeInteger(number)) {
    throw new StartRefused(
      'schema_too_new',
      `the data directory has schema ${number}, this gateway knows up to ${SCHEMA_NUMBER}: a newer gateway wrote it`,
    );
  }
}

function numberIn(stored: Uint8Array | undefined): number {
  return stored === undefined ? FIRST_SCHEMA_NUMBER : Number(Buffer.from(stored).toString());
}

function textOf(number: number): Buffer {
  return Buffer.from(String(number));
}
