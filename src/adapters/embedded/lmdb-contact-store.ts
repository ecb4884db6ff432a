import type { ContactStore, StoredInvitation } from '../../ports/contact-store.ts';
import { roomId, userId } from '../../protocol/entities.ts';
import { ID_BYTES, parseUserId, type RoomId, type UserId, type UserPair } from '../../protocol/ids.ts';
import { BLOCKS_MAX, INVITATION_LETTER_BYTES_MAX, INVITATIONS_WAITING_MAX } from '../../protocol/limits.ts';
import { bytesUpTo, list, map, oneOf, optional, type Parsed, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, keyOf, NOTHING, numberAt } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { rowKind, StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const contacts = map({
  invitations: list(
    map({
      room: roomId,
      from: userId,
      kind: oneOf('room', 'direct'),
      at: uint(),
      expiresAt: optional(uint()),
      letter: optional(bytesUpTo(INVITATION_LETTER_BYTES_MAX)),
    }),
    INVITATIONS_WAITING_MAX,
  ),
  blocked: list(userId, BLOCKS_MAX),
});
type Contacts = Parsed<typeof contacts>;
const contactsRow = rowKind(contacts);

export class LmdbContactStore implements ContactStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  invite(to: UserId, invitation: StoredInvitation, nowMs: number): Promise<'invited' | 'waiting' | 'full'> {
    const own = structuredClone(invitation);
    return this.#change(to, 'contact_invite', (before) => {
      const invitations = before.invitations.filter((each) => isWaiting(each, nowMs));
      if (invitations.some(({ room }) => room === own.room)) return { result: 'waiting' };
      if (invitations.length >= INVITATIONS_WAITING_MAX) return { result: 'full' };
      return { contacts: { ...before, invitations: [...invitations, own] }, result: 'invited' };
    });
  }

  async invitations(to: UserId, nowMs: number): Promise<readonly StoredInvitation[]> {
    return (await this.#read(to)).invitations.filter((each) => isWaiting(each, nowMs));
  }

  dismiss(to: UserId, room: RoomId): Promise<boolean> {
    return this.#change(to, 'contact_dismiss', (before) => {
      const invitations = before.invitations.filter((each) => each.room !== room);
      const result = invitations.length < before.invitations.length;
      return result ? { contacts: { ...before, invitations }, result } : { result };
    });
  }

  block(user: UserId, other: UserId): Promise<'blocked' | 'full'> {
    return this.#change(user, 'contact_block', (before) => {
      const others = before.blocked.filter((each) => each !== other);
      if (others.length >= BLOCKS_MAX) return { result: 'full' };
      const invitations = before.invitations.filter(({ from }) => from !== other);
      return { contacts: { invitations, blocked: [...others, other].sort() }, result: 'blocked' };
    });
  }

  unblock(user: UserId, other: UserId): Promise<void> {
    return this.#change(user, 'contact_unblock', (before) => ({
      contacts: { ...before, blocked: before.blocked.filter((each) => each !== other) },
      result: undefined,
    }));
  }

  async isBlocked(user: UserId, other: UserId): Promise<boolean> {
    return (await this.#read(user)).blocked.includes(other);
  }

  async blocked(user: UserId): Promise<readonly UserId[]> {
    return (await this.#read(user)).blocked;
  }

  async endedGeneration({ low, high }: UserPair): Promise<number> {
    const row = await this.#link.read('direct_ended', (reader) =>
      reader.get('direct-rooms', keyOf(low, high)),
    );
    return row === undefined ? 0 : numberAt(row, 0);
  }

  async endGeneration({ low, high }: UserPair, generation: number): Promise<void> {
    await this.#link.write('direct_end', (view) => {
      const row = view.get('direct-rooms', keyOf(low, high));
      if (row !== undefined && numberAt(row, 0) >= generation) return;
      // Under each of them, so that the rows of one user are found.
      view.put('direct-rooms', keyOf(low, high), keyOf(generation));
      view.put('direct-rooms', keyOf(high, low), keyOf(generation));
    });
  }

  async purge(room: RoomId): Promise<void> {
    await this.#link.writeAlone('contact_purge', (view, reader) => {
      for (const to of secondIds(reader, 'invited-rooms', room))
        putInvitations(view, to, (each) => each.room !== room);
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.writeAlone('contact_remove', (view, reader) => {
      put(view, user, { invitations: [], blocked: [] });
      for (const to of secondIds(reader, 'inviters', user))
        putInvitations(view, to, ({ from }) => from !== user);
      for (const other of secondIds(reader, 'direct-rooms', user)) {
        view.remove('direct-rooms', keyOf(user, other));
        view.remove('direct-rooms', keyOf(other, user));
      }
    });
  }

  #read(user: UserId): Promise<Contacts> {
    return this.#link.read('contacts', (reader) => contactsOf(reader, user));
  }

  #change<T>(
    user: UserId,
    operation: string,
    change: (before: Contacts) => { readonly contacts?: Contacts; readonly result: T },
  ): Promise<T> {
    return this.#link.write(operation, (view) => {
      const { contacts: changed, result } = change(contactsOf(view, user));
      if (changed !== undefined) put(view, user, changed);
      return result;
    });
  }
}

function isWaiting({ expiresAt }: StoredInvitation, nowMs: number): boolean {
  return expiresAt === undefined || expiresAt > nowMs;
}

function contactsOf(rows: Pick<WriteView, 'get'>, user: UserId): Contacts {
  const row = rows.get('contacts', keyOf(user));
  return row === undefined ? { invitations: [], blocked: [] } : contactsRow.decode(row);
}

function putInvitations(
  view: WriteView,
  user: UserId,
  stays: (invitation: StoredInvitation) => boolean,
): void {
  const before = contactsOf(view, user);
  put(view, user, { ...before, invitations: before.invitations.filter(stays) });
}

/** The row, and what leads to it from rooms and inviters. */
function put(view: WriteView, user: UserId, after: Contacts): void {
  for (const { room, from } of contactsOf(view, user).invitations) {
    view.remove('invited-rooms', keyOf(room, user));
    view.remove('inviters', keyOf(from, user));
  }
  for (const { room, from } of after.invitations) {
    view.put('invited-rooms', keyOf(room, user), NOTHING);
    view.put('inviters', keyOf(from, user), NOTHING);
  }
  if (after.invitations.length === 0 && after.blocked.length === 0) view.remove('contacts', keyOf(user));
  else view.put('contacts', keyOf(user), contactsRow.encode(after));
}

function secondIds(
  reader: TableReader,
  table: 'invited-rooms' | 'inviters' | 'direct-rooms',
  first: RoomId | UserId,
): readonly UserId[] {
  return reader.keys(table, { start: keyOf(first), end: endOf(keyOf(first)) }).map((key) => {
    const user = parseUserId(new Uint8Array(key.subarray(ID_BYTES)));
    if (user === undefined) throw new StoredRowFault('a user id is cut');
    return user;
  });
}
