import type { Collection } from 'mongodb';
import type { ContactStore, StoredInvitation } from '../../ports/contact-store.ts';
import { concatBytes } from '../../protocol/bytes.ts';
import { idBytes, type RoomId, type UserId, type UserPair } from '../../protocol/ids.ts';
import { BLOCKS_MAX, INVITATIONS_WAITING_MAX } from '../../protocol/limits.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedRoomId, storedUserId } from './stored-value.ts';

interface InvitationDocument extends Omit<StoredInvitation, 'room' | 'from'> {
  readonly room: Uint8Array;
  readonly from: Uint8Array;
}

interface ContactsDocument {
  /** The user. */
  readonly _id: Uint8Array;
  readonly invitations: readonly InvitationDocument[];
  /** In order of coming. */
  readonly blocked: readonly Uint8Array[];
}

interface DirectDocument {
  /** Both ids. */
  readonly _id: Uint8Array;
  readonly users: readonly Uint8Array[];
  readonly ended: number;
}

const FULL = `invitations.${INVITATIONS_WAITING_MAX - 1}`;
const BLOCKED_FULL = `blocked.${BLOCKS_MAX - 1}`;

export class MongoContactStore implements ContactStore {
  readonly #link: MongoLink;
  readonly #contacts: Collection<ContactsDocument>;
  readonly #directs: Collection<DirectDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#contacts = link.db.collection('contacts');
    this.#directs = link.db.collection('direct_rooms');
  }

  invite(to: UserId, invitation: StoredInvitation, nowMs: number): Promise<'invited' | 'waiting' | 'full'> {
    const document = { ...invitation, room: idBytes(invitation.room), from: idBytes(invitation.from) };
    return this.#link.run('contact_invite', async () => {
      const _id = idBytes(to);
      const over = { $pull: { invitations: { expiresAt: { $lte: nowMs } } } };
      if ((await this.#contacts.updateOne({ _id }, over)).matchedCount === 0) await this.#begin(_id);
      const { matchedCount } = await this.#contacts.updateOne(
        { _id, 'invitations.room': { $ne: document.room }, [FULL]: { $exists: false } },
        { $push: { invitations: document } },
      );
      if (matchedCount === 1) return 'invited';
      const waits = await this.#contacts.findOne({ _id, 'invitations.room': document.room });
      return waits === null ? 'full' : 'waiting';
    });
  }

  async invitations(to: UserId, nowMs: number): Promise<readonly StoredInvitation[]> {
    const { invitations = [] } = (await this.#found(to)) ?? {};
    return invitations
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > nowMs)
      .map(({ room, from, kind, at, expiresAt, letter }) => ({
        ...{ room: storedRoomId(room), from: storedUserId(from), kind, at },
        ...(expiresAt !== undefined && { expiresAt }),
        ...(letter !== undefined && { letter: copied(letter) }),
      }));
  }

  dismiss(to: UserId, room: RoomId): Promise<boolean> {
    return this.#link.run('contact_dismiss', async () => {
      const own = { _id: idBytes(to) };
      const pull = { $pull: { invitations: { room: idBytes(room) } } };
      return (await this.#contacts.updateOne(own, pull)).modifiedCount === 1;
    });
  }

  block(user: UserId, other: UserId): Promise<'blocked' | 'full'> {
    return this.#link.run('contact_block', async () => {
      const [_id, from] = [idBytes(user), idBytes(other)];
      const block = async (): Promise<boolean> => {
        const { matchedCount } = await this.#contacts.updateOne(
          { _id, $or: [{ blocked: from }, { [BLOCKED_FULL]: { $exists: false } }] },
          { $addToSet: { blocked: from }, $pull: { invitations: { from } } },
        );
        return matchedCount === 1;
      };
      if (await block()) return 'blocked';
      await this.#begin(_id);
      return (await block()) ? 'blocked' : 'full';
    });
  }

  async unblock(user: UserId, other: UserId): Promise<void> {
    await this.#link.run('contact_unblock', () =>
      this.#contacts.updateOne({ _id: idBytes(user) }, { $pull: { blocked: idBytes(other) } }),
    );
  }

  isBlocked(user: UserId, other: UserId): Promise<boolean> {
    return this.#link.run('contact_is_blocked', async () => {
      const found = await this.#contacts.findOne(
        { _id: idBytes(user), blocked: idBytes(other) },
        { projection: { _id: 1 } },
      );
      return found !== null;
    });
  }

  async blocked(user: UserId): Promise<readonly UserId[]> {
    return ((await this.#found(user))?.blocked ?? []).map(storedUserId).sort();
  }

  endedGeneration(pair: UserPair): Promise<number> {
    return this.#link.run('direct_ended', async () => {
      const found = await this.#directs.findOne({ _id: pairId(pair) });
      return found?.ended ?? 0;
    });
  }

  async endGeneration(pair: UserPair, generation: number): Promise<void> {
    const _id = pairId(pair);
    const users = [idBytes(pair.low), idBytes(pair.high)];
    await this.#link.run('direct_end', async () => {
      if (await insertNew(this.#directs, { _id, users, ended: generation })) return;
      await this.#directs.updateOne({ _id }, { $max: { ended: generation } });
    });
  }

  async purge(room: RoomId): Promise<void> {
    const own = { room: idBytes(room) };
    await this.#link.run('contact_purge', () =>
      this.#contacts.updateMany({ 'invitations.room': own.room }, { $pull: { invitations: own } }),
    );
  }

  async remove(user: UserId): Promise<void> {
    const id = idBytes(user);
    await this.#link.run('contact_remove', async () => {
      await this.#contacts.deleteOne({ _id: id });
      await this.#contacts.updateMany({ 'invitations.from': id }, { $pull: { invitations: { from: id } } });
      await this.#directs.deleteMany({ users: id });
    });
  }

  async #begin(_id: Uint8Array): Promise<void> {
    await insertNew(this.#contacts, { _id, invitations: [], blocked: [] });
  }

  #found(user: UserId): Promise<ContactsDocument | null> {
    return this.#link.run('contacts', () => this.#contacts.findOne({ _id: idBytes(user) }));
  }
}

function pairId({ low, high }: UserPair): Uint8Array {
  return concatBytes(idBytes(low), idBytes(high));
}
