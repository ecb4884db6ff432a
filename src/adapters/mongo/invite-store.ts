import type { Collection } from 'mongodb';
import type { Invite, InviteStore } from '../../ports/invite-store.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';

interface InviteDocument {
  readonly _id: Uint8Array;
  readonly expiresAt: Date;
  readonly claimant?: Uint8Array;
}

export class MongoInviteStore implements InviteStore {
  readonly #link: MongoLink;
  readonly #invites: Collection<InviteDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#invites = link.db.collection('invites');
  }

  async add({ hash, expiresAt }: Invite): Promise<void> {
    const document = { _id: hash, expiresAt: new Date(expiresAt) };
    await this.#link.run('invite_add', () => insertNew(this.#invites, document));
  }

  claim(hash: Uint8Array, claimant: Uint8Array, nowMs: number): Promise<boolean> {
    return this.#link.run('invite_claim', async () => {
      const open = { _id: hash, expiresAt: { $gt: new Date(nowMs) } };
      const free = { $or: [{ claimant: { $exists: false } }, { claimant }] };
      const { matchedCount } = await this.#invites.updateOne({ ...open, ...free }, { $set: { claimant } });
      return matchedCount === 1;
    });
  }

  async release(hash: Uint8Array, claimant: Uint8Array): Promise<void> {
    await this.#link.run('invite_release', () =>
      this.#invites.updateOne({ _id: hash, claimant }, { $unset: { claimant: '' } }),
    );
  }
}
