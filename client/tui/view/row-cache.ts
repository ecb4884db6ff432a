import { EntryRows } from './entry-rows.ts';

/** Wrapped entries for the present width: another width begins anew. */
export class RowCache {
  #rows: EntryRows = new EntryRows(0);

  rows(columns: number): EntryRows {
    if (this.#rows.columns !== columns) this.#rows = new EntryRows(columns);
    return this.#rows;
  }
}
