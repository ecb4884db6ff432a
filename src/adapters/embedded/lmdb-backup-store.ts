import type { BackupHead, BackupPart, BackupStore } from '../../ports/backup-store.ts';
import { ID_BYTES, type UserId } from '../../protocol/ids.ts';
import { HASH_BYTES } from '../../protocol/limits.ts';
import { bytes, map, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, keyOf, NOTHING, NUMBER_BYTES } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { rowKind } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const headRow = rowKind(
  map({
    version: uint(),
    sequence: uint(),
    token: bytes(HASH_BYTES),
    upload: bytes(ID_BYTES),
    parts: uint(),
    at: uint(),
  }),
);

export class LmdbBackupStore implements BackupStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async head(user: UserId): Promise<BackupHead | undefined> {
    const row = await this.#link.read('backup_head', (reader) => reader.get('backups', keyOf(user)));
    return row === undefined ? undefined : headRow.decode(row);
  }

  async part(user: UserId, upload: Uint8Array, number: number): Promise<Uint8Array | undefined> {
    const key = partKey(user, upload, number);
    const row = await this.#link.read('backup_part', (reader) => reader.get('backup-parts', key));
    return row === undefined ? undefined : new Uint8Array(row);
  }

  async putPart(user: UserId, { upload, number, data }: BackupPart, expiresAt: number): Promise<void> {
    const key = partKey(user, upload, number);
    await this.#link.write('backup_put_part', (view) => {
      if (view.get('backup-parts', key) !== undefined) return;
      view.put('backup-parts', key, Buffer.from(data));
      view.put('backup-part-expiry', Buffer.concat([keyOf(expiresAt), key]), NOTHING);
    });
  }

  commit(user: UserId, head: BackupHead, before: number): Promise<'stored' | 'conflict'> {
    return this.#link.writeAlone('backup_commit', (view) => {
      const stored = view.get('backups', keyOf(user));
      const last = stored === undefined ? undefined : headRow.decode(stored);
      if (last !== undefined && Buffer.compare(last.upload, head.upload) === 0) return 'stored';
      if ((last?.version ?? 0) !== before) return 'conflict';
      for (let number = 0; number < head.parts; number += 1)
        if (view.get('backup-parts', partKey(user, head.upload, number)) === undefined) return 'conflict';
      for (let number = 0; number < (last?.parts ?? 0); number += 1)
        view.remove('backup-parts', partKey(user, last?.upload ?? head.upload, number));
      view.put('backups', keyOf(user), headRow.encode(head));
      return 'stored';
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.writeAlone('backup_remove', (view, reader) => {
      view.remove('backups', keyOf(user));
      for (const key of reader.keys('backup-parts', { start: keyOf(user), end: endOf(keyOf(user)) }))
        view.remove('backup-parts', key);
    });
  }
}

/** Looks at no more than `max` parts whose time is over, and removes those that did not come into force; answers how many it looked at. */
export function expireBackupParts(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  const due = reader.keys('backup-part-expiry', { start: keyOf(0), end: keyOf(nowMs), limit: max });
  for (const key of due) {
    view.remove('backup-part-expiry', key);
    const part = key.subarray(NUMBER_BYTES);
    const stored = view.get('backups', part.subarray(0, ID_BYTES));
    const upload = stored === undefined ? undefined : headRow.decode(stored).upload;
    const isInForce =
      upload !== undefined && Buffer.compare(upload, part.subarray(ID_BYTES, 2 * ID_BYTES)) === 0;
    if (!isInForce) view.remove('backup-parts', part);
  }
  return due.length;
}

function partKey(user: UserId, upload: Uint8Array, number: number): Buffer {
  return Buffer.concat([keyOf(user), upload, keyOf(number)]);
}
