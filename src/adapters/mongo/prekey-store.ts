import type { Collection } from 'mongodb';
import type { PrekeyStore, StoredPrekey } from '../../ports/prekey-store.ts';
import { type Fingerprint, fingerprintBytes, idBytes, type UserId } from '../../protocol/ids.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedUserId } from './stored-value.ts';

interface PrekeyDocument {
  readonly user: Uint8Array;
  readonly fingerprint: Uint8Array;
  readonly bytes: Uint8Array;
  readonly notBefore: Date;
  /** It is over then. */
  readonly expiresAt: Date;
}

export class MongoPrekeyStore implements PrekeyStore {
  readonly #link: MongoLink;
  readonly #prekeys: Collection<PrekeyDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#prekeys = link.db.collection('prekeys');
  }

  async put(user: UserId, fingerprint: Fingerprint, prekeys: readonly StoredPrekey[]): Promise<void> {
    const own = { user: idBytes(user), fingerprint: fingerprintBytes(fingerprint) };
    await this.#link.run('prekey_put', async () => {
      const steps = prekeys.map(({ bytes, notBefore, notAfter }) => ({
        updateOne: {
          filter: { user: own.user, notBefore: new Date(notBefore) },
          update: { $set: { ...own, bytes, expiresAt: new Date(notAfter) } },
          upsert: true,
        },
      }));
      if (steps.length > 0) await this.#prekeys.bulkWrite(steps, { ordered: false });
      await this.#prekeys.deleteMany({ user: own.user, fingerprint: { $ne: own.fingerprint } });
    });
  }

  current(users: readonly UserId[], nowMs: number): Promise<ReadonlyMap<UserId, Uint8Array>> {
    return this.#link.run('prekeys_current', async () => {
      const now = new Date(nowMs);
      const found = await this.#prekeys
        .find({ user: { $in: users.map(idBytes) }, notBefore: { $lte: now }, expiresAt: { $gt: now } })
        .project<Pick<PrekeyDocument, 'user' | 'bytes'>>({ _id: 0, user: 1, bytes: 1 })
        .toArray();
      return new Map(found.map(({ user, bytes }) => [storedUserId(copied(user)), copied(bytes)]));
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.run('prekey_remove', () => this.#prekeys.deleteMany({ user: idBytes(user) }));
  }
}
