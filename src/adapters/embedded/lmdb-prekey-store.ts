import type { PrekeyStore, StoredPrekey } from '../../ports/prekey-store.ts';
import { type Fingerprint, fingerprintBytes, type UserId } from '../../protocol/ids.ts';
import { HASH_BYTES, PREKEY_BYTES_MAX } from '../../protocol/limits.ts';
import { bytes, bytesUpTo, map, type Parsed, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, keyOf, NOTHING, NUMBER_BYTES } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { rowKind } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const stored = map({
  fingerprint: bytes(HASH_BYTES),
  bytes: bytesUpTo(PREKEY_BYTES_MAX),
  notAfter: uint(),
});
const prekeyRow = rowKind(stored);

export class LmdbPrekeyStore implements PrekeyStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async put(user: UserId, fingerprint: Fingerprint, prekeys: readonly StoredPrekey[]): Promise<void> {
    const own = fingerprintBytes(fingerprint);
    await this.#link.writeAlone('prekey_put', (view, reader) => {
      const isOther = (row: Parsed<typeof stored>): boolean => Buffer.compare(row.fingerprint, own) !== 0;
      removeOf(view, reader, user, isOther);
      for (const { bytes: signed, notBefore, notAfter } of prekeys) {
        const key = keyOf(user, notBefore);
        const before = view.get('prekeys', key);
        if (before !== undefined)
          view.remove('prekey-expiry', expiryKey(prekeyRow.decode(before).notAfter, key));
        view.put('prekeys', key, prekeyRow.encode({ fingerprint: own, bytes: signed, notAfter }));
        view.put('prekey-expiry', expiryKey(notAfter, key), NOTHING);
      }
    });
  }

  async current(users: readonly UserId[], nowMs: number): Promise<ReadonlyMap<UserId, Uint8Array>> {
    return this.#link.read('prekeys_current', (reader) => {
      const found = new Map<UserId, Uint8Array>();
      for (const user of users) {
        const begun = { start: keyOf(user, 0), end: keyOf(user, nowMs + 1), limit: 1, reverse: true };
        const [last] = reader.range('prekeys', begun);
        if (last === undefined) continue;
        const { bytes: signed, notAfter } = prekeyRow.decode(last.value);
        if (notAfter > nowMs) found.set(user, signed);
      }
      return found;
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.writeAlone('prekey_remove', (view, reader) => removeOf(view, reader, user, () => true));
  }
}

/** Removes at most so many that are over; answers how many. */
export function expirePrekeys(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  const due = reader.keys('prekey-expiry', { start: keyOf(0), end: keyOf(nowMs), limit: max });
  for (const key of due) {
    view.remove('prekey-expiry', key);
    view.remove('prekeys', key.subarray(NUMBER_BYTES));
  }
  return due.length;
}

/** An account has one for each of a few weeks. */
function removeOf(
  view: WriteView,
  reader: TableReader,
  user: UserId,
  isMeant: (row: Parsed<typeof stored>) => boolean,
): void {
  for (const { key, value } of reader.range('prekeys', { start: keyOf(user), end: endOf(keyOf(user)) })) {
    const row = prekeyRow.decode(value);
    if (!isMeant(row)) continue;
    view.remove('prekeys', key);
    view.remove('prekey-expiry', expiryKey(row.notAfter, key));
  }
}

function expiryKey(notAfter: number, key: Buffer): Buffer {
  return Buffer.concat([keyOf(notAfter), key]);
}
