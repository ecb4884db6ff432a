import type { Collection } from 'mongodb';
import type {
  EpochCopy,
  EpochPage,
  EpochRow,
  EpochStore,
  IssuedEpoch,
  NewEpoch,
  OwnEpoch,
} from '../../ports/epoch-store.ts';
import { idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedUserId } from './stored-value.ts';

/** Epochs that live as long as their room. */
const LASTING = 2;
/** Members whose copies are picked out of an epoch; for more of them it is read as a whole, since each path is looked for in all of it. */
const PICKED_MAX = 256;
/** Removed, or given another end, in one operation, within its deadline. */
const BATCH = 50;

interface CopyDocument {
  readonly wrap: Uint8Array;
  readonly index: number;
  readonly path: Uint8Array;
}

interface EpochDocument {
  readonly room: Uint8Array;
  readonly number: number;
  readonly rosterVersion: number;
  readonly record: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly committer: Uint8Array;
  readonly at: number;
  readonly members: number;
  /** By user id in hexadecimal, so that a projection can pick one reader's: 2,000 of them are 3.6 MB. */
  readonly copies: Readonly<Record<string, CopyDocument>>;
  /** Both, or neither: when it was told to end, and when it does. */
  readonly retiredAt?: number;
  readonly expiresAt?: Date;
}

type RowDocument = Omit<EpochDocument, 'room' | 'copies' | 'retiredAt' | 'expiresAt'>;

const rowFields = {
  _id: 0,
  number: 1,
  rosterVersion: 1,
  record: 1,
  recordHash: 1,
  committer: 1,
  at: 1,
  members: 1,
} as const;

export class MongoEpochStore implements EpochStore {
  readonly #link: MongoLink;
  readonly #epochs: Collection<EpochDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#epochs = link.db.collection('epochs');
  }

  add({ room, committer, copies, ...epoch }: NewEpoch): Promise<boolean> {
    const document = {
      ...epoch,
      room: idBytes(room),
      committer: idBytes(committer),
      copies: Object.fromEntries(copies),
    };
    return this.#link.run('epoch_add', () => insertNew(this.#epochs, document));
  }

  newest(room: RoomId): Promise<EpochRow | undefined> {
    return this.#link.run('epoch_newest', async () => {
      const [last] = await this.#highest(room, 1).project<RowDocument>(rowFields).toArray();
      return last === undefined ? undefined : rowOf(last);
    });
  }

  byNumber(room: RoomId, number: number): Promise<EpochRow | undefined> {
    return this.#link.run('epoch_find', async () => {
      const found = await this.#epochs.findOne<RowDocument>(
        { room: idBytes(room), number, ...living() },
        { projection: rowFields },
      );
      return found === null ? undefined : rowOf(found);
    });
  }

  page(room: RoomId, reader: UserId, { after, fromVersion, limit }: EpochPage): Promise<readonly OwnEpoch[]> {
    return this.#link.run('epoch_page', async () => {
      // To MongoDB a limit of 0 is none.
      if (limit <= 0) return [];
      const bounds = { number: { $gt: after }, rosterVersion: { $gte: fromVersion } };
      const found = await this.#epochs
        .find({ room: idBytes(room), ...bounds, ...living() })
        .sort({ number: 1 })
        .limit(limit)
        .project<RowDocument & { readonly own?: CopyDocument }>({ ...rowFields, own: `$copies.${reader}` })
        .toArray();
      return found.map(({ own, ...row }) =>
        own === undefined ? rowOf(row) : { ...rowOf(row), own: copyOf(own) },
      );
    });
  }

  issued(room: RoomId, number: number, users: readonly UserId[]): Promise<IssuedEpoch | undefined> {
    return this.#link.run('epoch_issued', async () => {
      const picked =
        users.length > PICKED_MAX
          ? { copies: 1 }
          : Object.fromEntries(users.map((user) => [`copies.${user}`, 1]));
      const found = await this.#epochs.findOne<RowDocument & Partial<Pick<EpochDocument, 'copies'>>>(
        { room: idBytes(room), number, ...living() },
        { projection: { ...rowFields, ...picked } },
      );
      if (found === null) return undefined;
      const { copies = {} } = found;
      const asked = users.flatMap((user) => {
        const copy = copies[user];
        return copy === undefined ? [] : [[user, copyOf(copy)] as const];
      });
      return { epoch: rowOf(found), copies: new Map(asked) };
    });
  }

  async retire(room: RoomId, at: number, lifeMs: number, anew?: 'anew'): Promise<void> {
    const below = await this.#link.run('epoch_retire', async () => {
      const highest = await this.#highest(room, LASTING).project<Numbered>(numberOnly).toArray();
      return highest[LASTING - 1]?.number;
    });
    if (below === undefined) return;
    await this.#link.run('epoch_retire', () =>
      this.#epochs.updateMany(
        { room: idBytes(room), number: { $lt: below }, retiredAt: { $exists: false } },
        { $set: { retiredAt: at, expiresAt: new Date(at + lifeMs) } },
      ),
    );
    if (anew === undefined) return;
    for (let next: number | undefined = below; next !== undefined; ) {
      const bound: number = next;
      next = await this.#link.run('epoch_retire', () => this.#countAnew(room, bound, lifeMs));
    }
  }

  /** Some of those below a number; answers the lowest of them while there may be more. */
  async #countAnew(room: RoomId, below: number, lifeMs: number): Promise<number | undefined> {
    const batch = await this.#epochs
      .find({ room: idBytes(room), number: { $lt: below } })
      .sort({ number: -1 })
      .limit(BATCH)
      .project<Pick<EpochDocument, 'number' | 'retiredAt'>>({ ...numberOnly, retiredAt: 1 })
      .toArray();
    const steps = batch.flatMap(({ number, retiredAt }) =>
      retiredAt === undefined
        ? []
        : [
            {
              updateOne: {
                filter: { room: idBytes(room), number },
                update: { $set: { expiresAt: new Date(retiredAt + lifeMs) } },
              },
            },
          ],
    );
    if (steps.length > 0) await this.#epochs.bulkWrite(steps, { ordered: false });
    return batch.length < BATCH ? undefined : batch.at(-1)?.number;
  }

  async purge(room: RoomId): Promise<void> {
    // The port sets no limit to the whole; every batch has the deadline of one operation.
    while ((await this.#link.run('purge_epochs', () => this.#purgeBatch(idBytes(room)))) === BATCH);
  }

  async #purgeBatch(room: Uint8Array): Promise<number> {
    const batch = await this.#epochs
      .find({ room })
      .sort({ number: 1 })
      .limit(BATCH)
      .project<Numbered>(numberOnly)
      .toArray();
    const last = batch.at(-1);
    if (last === undefined) return 0;
    await this.#epochs.deleteMany({ room, number: { $lte: last.number } });
    return batch.length;
  }

  #highest(room: RoomId, limit: number): ReturnType<Collection<EpochDocument>['find']> {
    return this.#epochs
      .find({ room: idBytes(room) })
      .sort({ number: -1 })
      .limit(limit);
  }
}

type Numbered = Pick<EpochDocument, 'number'>;
const numberOnly = { _id: 0, number: 1 } as const;

/** The TTL monitor comes by once a minute. */
function living(): object {
  return { $or: [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: new Date() } }] };
}

function rowOf(document: RowDocument): EpochRow {
  const { number, rosterVersion, record, recordHash, committer, at, members } = document;
  return {
    ...{ number, rosterVersion, at, members },
    record: copied(record),
    recordHash: copied(recordHash),
    committer: storedUserId(committer),
  };
}

function copyOf({ wrap, index, path }: CopyDocument): EpochCopy {
  return { wrap: copied(wrap), index, path: copied(path) };
}
