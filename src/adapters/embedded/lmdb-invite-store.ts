import type { Invite, InviteStore } from '../../ports/invite-store.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { keyOf, NOTHING, NUMBER_BYTES } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { inviteRow } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

export class LmdbInviteStore implements InviteStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async add({ hash, expiresAt }: Invite): Promise<void> {
    const key = Buffer.from(hash);
    await this.#link.write('invite_add', (view) => {
      if (view.get('invites', key) !== undefined) return;
      view.put('invites', key, inviteRow.encode({ expiresAt }));
      view.put('invite-expiry', Buffer.concat([keyOf(expiresAt), key]), NOTHING);
    });
  }

  claim(hash: Uint8Array, claimant: Uint8Array, nowMs: number): Promise<boolean> {
    const key = Buffer.from(hash);
    return this.#link.write('invite_claim', (view) => {
      const row = view.get('invites', key);
      if (row === undefined) return false;
      const invite = inviteRow.decode(row);
      if (invite.expiresAt <= nowMs) return false;
      if (invite.claimant !== undefined) return isSame(invite.claimant, claimant);
      view.put('invites', key, inviteRow.encode({ ...invite, claimant }));
      return true;
    });
  }

  async release(hash: Uint8Array, claimant: Uint8Array): Promise<void> {
    const key = Buffer.from(hash);
    await this.#link.write('invite_release', (view) => {
      const row = view.get('invites', key);
      if (row === undefined) return;
      const { expiresAt, claimant: holder } = inviteRow.decode(row);
      if (holder !== undefined && isSame(holder, claimant))
        view.put('invites', key, inviteRow.encode({ expiresAt }));
    });
  }
}

/** Removes at most so many that are over; answers how many. */
export function expireInvites(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  const due = reader.keys('invite-expiry', { start: keyOf(0), end: keyOf(nowMs), limit: max });
  for (const key of due) {
    view.remove('invite-expiry', key);
    view.remove('invites', key.subarray(NUMBER_BYTES));
  }
  return due.length;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
