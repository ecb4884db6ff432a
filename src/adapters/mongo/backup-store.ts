import type { Collection } from 'mongodb';
import type { BackupHead, BackupPart, BackupStore } from '../../ports/backup-store.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { idBytes, type UserId } from '../../protocol/ids.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied } from './stored-value.ts';

interface HeadDocument extends Omit<BackupHead, 'at'> {
  /** The user. */
  readonly _id: Uint8Array;
  readonly at: Date;
}

interface PartDocument extends BackupPart {
  readonly user: Uint8Array;
  /** Absent once it is in force. */
  readonly expiresAt?: Date;
}

export class MongoBackupStore implements BackupStore {
  readonly #link: MongoLink;
  readonly #heads: Collection<HeadDocument>;
  readonly #parts: Collection<PartDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#heads = link.db.collection('backups');
    this.#parts = link.db.collection('backup_parts');
  }

  head(user: UserId): Promise<BackupHead | undefined> {
    return this.#link.run('backup_head', async () => {
      const found = await this.#heads.findOne({ _id: idBytes(user) });
      return found === null ? undefined : headOf(found);
    });
  }

  part(user: UserId, upload: Uint8Array, number: number): Promise<Uint8Array | undefined> {
    return this.#link.run('backup_part', async () => {
      const found = await this.#parts.findOne({ user: idBytes(user), upload, number });
      return found === null ? undefined : copied(found.data);
    });
  }

  async putPart(user: UserId, { upload, number, data }: BackupPart, expiresAt: number): Promise<void> {
    const document = { user: idBytes(user), upload, number, data, expiresAt: new Date(expiresAt) };
    await this.#link.run('backup_put_part', () => insertNew(this.#parts, document));
  }

  commit(user: UserId, { at, ...head }: BackupHead, before: number): Promise<'stored' | 'conflict'> {
    return this.#link.run('backup_commit', async () => {
      const id = idBytes(user);
      const { upload, parts } = head;
      const last = await this.#heads.findOne({ _id: id });
      if (last !== null && sameBytes(copied(last.upload), upload)) return 'stored';
      if ((last?.version ?? 0) !== before) return 'conflict';
      // First they stay, then they are in force: nothing that is in force may expire.
      const own = { user: id, upload };
      const { matchedCount } = await this.#parts.updateMany(own, { $unset: { expiresAt: '' } });
      const isPut =
        matchedCount === parts && (await this.#put({ _id: id, ...head, at: new Date(at) }, before));
      if (!isPut) {
        // Perhaps by this very request, asked a second time.
        const now = await this.#heads.findOne({ _id: id });
        if (now !== null && sameBytes(copied(now.upload), upload)) return 'stored';
        await this.#parts.deleteMany(own);
        return 'conflict';
      }
      // Of the one before, and no others: another device may be storing the next at this moment.
      if (last !== null) await this.#parts.deleteMany({ user: id, upload: copied(last.upload) });
      return 'stored';
    });
  }

  async #put({ _id, ...head }: HeadDocument, before: number): Promise<boolean> {
    if (before === 0) return insertNew(this.#heads, { _id, ...head });
    const { matchedCount } = await this.#heads.updateOne({ _id, version: before }, { $set: head });
    return matchedCount === 1;
  }

  async remove(user: UserId): Promise<void> {
    const id = idBytes(user);
    await this.#link.run('backup_remove', async () => {
      await this.#heads.deleteOne({ _id: id });
      await this.#parts.deleteMany({ user: id });
    });
  }
}

function headOf({ version, sequence, token, upload, parts, at }: HeadDocument): BackupHead {
  return { version, sequence, token: copied(token), upload: copied(upload), parts, at: at.getTime() };
}
