import type { Collection } from 'mongodb';
import type { RosterChange } from '../../domain/roster.ts';
import { CHANGES_KEPT_MAX } from '../../ports/room-store.ts';
import { idBytes, type RoomId } from '../../protocol/ids.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { type ChangeDocument, changeOf } from './room-document.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** For copies that a sender prepared just before a change, and readers that open them at the last moment. */
const MARGIN_DAYS = 7;
/** Changes that get another life in one step. */
const KEEP_BATCH = 100;
const REMOVED_BATCH = 200;
/** Versions between two looks for changes that are too many; fewer than what a look removes. */
const TRIM_EVERY = 64;

const dueOf = (at: number, retention: number): Date => new Date(at + (retention + MARGIN_DAYS) * DAY_MS);

interface FiledChange extends ChangeDocument {
  readonly room: Uint8Array;
  readonly expiresAt: Date;
}

/**
 * Roster changes that a later one has replaced in their room's record. They are filed before that happens, so that the
 * record's own change and these have no hole between them. Each method is a step of an operation, not one by itself.
 */
export class RosterLog {
  readonly #changes: Collection<FiledChange>;

  readonly #keptMax: number;

  constructor(link: MongoLink, keptMax = CHANGES_KEPT_MAX) {
    this.#keptMax = keptMax;
    this.#changes = link.db.collection('roster_changes');
  }

  /**
   * Files a change once, however often it is asked to. `retention`: days that copies live. A change leads back to the
   * rosters before it, under which copies were made until it happened: it goes when the last of them has.
   */
  async file(room: RoomId, change: ChangeDocument, retention: number): Promise<void> {
    const { version, ...rest } = change;
    const expiresAt = dueOf(change.at, retention);
    const position = { room: idBytes(room), version };
    try {
      await this.#changes.updateOne(position, { $setOnInsert: { ...rest, expiresAt } }, { upsert: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    if (version % TRIM_EVERY === 0 && version > this.#keptMax)
      await this.removeSome(room, version - this.#keptMax);
  }

  /** The next changes of a room with version > after get the life of another retention. Answers the last version; undefined: none. */
  async keep(room: RoomId, retention: number, after: number): Promise<number | undefined> {
    const batch = await this.#changes
      .find({ room: idBytes(room), version: { $gt: after } })
      .sort({ version: 1 })
      .limit(KEEP_BATCH)
      .project<Pick<FiledChange, 'version' | 'at'>>({ _id: 0, version: 1, at: 1 })
      .toArray();
    if (batch.length === 0) return undefined;
    const steps = batch.map(({ version, at }) => ({
      updateOne: {
        filter: { room: idBytes(room), version },
        // Never shorter: what was promised to copies that live longer stays.
        update: { $max: { expiresAt: dueOf(at, retention) } },
      },
    }));
    await this.#changes.bulkWrite(steps, { ordered: false });
    return batch.at(-1)?.version;
  }

  /** Changes with since < version < before, ascending; holes are the caller's to see. */
  async between(room: RoomId, since: number, before: number): Promise<readonly RosterChange[]> {
    const found = await this.#changes
      .find({ room: idBytes(room), version: { $gt: since, $lt: before } })
      .sort({ version: 1 })
      .toArray();
    return found.map(changeOf);
  }

  /** Removes a batch of a room's changes up to a version, the oldest first. False when none are left. */
  async removeSome(room: RoomId, through = Number.MAX_SAFE_INTEGER): Promise<boolean> {
    const batch = await this.#changes
      .find({ room: idBytes(room), version: { $lte: through } })
      .sort({ version: 1 })
      .limit(REMOVED_BATCH)
      .project<Pick<FiledChange, 'version'>>({ _id: 0, version: 1 })
      .toArray();
    const last = batch.at(-1);
    if (last === undefined) return false;
    await this.#changes.deleteMany({ room: idBytes(room), version: { $lte: last.version } });
    return batch.length === REMOVED_BATCH;
  }
}
