import type {
  EpochCopy,
  EpochPage,
  EpochRow,
  EpochStore,
  NewEpoch,
  OwnEpoch,
} from '../../../src/ports/epoch-store.ts';
import type { PrekeyStore, StoredPrekey } from '../../../src/ports/prekey-store.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { Fingerprint } from '../../../src/protocol/layouts/fingerprint.ts';
import { hop } from './hop.ts';

interface KeptEpoch {
  readonly epoch: NewEpoch;
  retiredAt?: number;
  expiresAt?: number;
}

/** Epochs of all nodes of a test. */
export class MemoryEpochs implements EpochStore {
  readonly #rooms = new Map<RoomId, KeptEpoch[]>();

  async add(epoch: NewEpoch): Promise<boolean> {
    await hop();
    const kept = this.#rooms.get(epoch.room) ?? [];
    if (kept.some((each) => each.epoch.number === epoch.number)) return false;
    kept.push({ epoch });
    kept.sort((one, other) => one.epoch.number - other.epoch.number);
    this.#rooms.set(epoch.room, kept);
    return true;
  }

  async newest(room: RoomId): Promise<EpochRow | undefined> {
    await hop();
    const last = this.#rooms.get(room)?.at(-1);
    return last === undefined ? undefined : rowOf(last.epoch);
  }

  async byNumber(room: RoomId, number: number): Promise<EpochRow | undefined> {
    await hop();
    const found = this.#living(room).find((epoch) => epoch.number === number);
    return found === undefined ? undefined : rowOf(found);
  }

  async page(
    room: RoomId,
    reader: UserId,
    { after, fromVersion, limit }: EpochPage,
  ): Promise<readonly OwnEpoch[]> {
    await hop();
    return this.#living(room)
      .filter(({ number, rosterVersion }) => number > after && rosterVersion >= fromVersion)
      .slice(0, limit)
      .map((epoch) => {
        const own = epoch.copies.get(reader);
        return own === undefined ? rowOf(epoch) : { ...rowOf(epoch), own };
      });
  }

  async copies(
    room: RoomId,
    number: number,
    users: readonly UserId[],
  ): Promise<ReadonlyMap<UserId, EpochCopy>> {
    await hop();
    const found = this.#living(room).find((epoch) => epoch.number === number);
    return new Map([...(found?.copies ?? [])].filter(([user]) => users.includes(user)));
  }

  async retire(room: RoomId, at: number, lifeMs: number, anew?: 'anew'): Promise<void> {
    await hop();
    for (const kept of this.#rooms.get(room)?.slice(0, -2) ?? []) {
      if (kept.retiredAt !== undefined && anew === undefined) continue;
      kept.retiredAt ??= at;
      kept.expiresAt = kept.retiredAt + lifeMs;
    }
  }

  async purge(room: RoomId): Promise<void> {
    await hop();
    this.#rooms.delete(room);
  }

  #living(room: RoomId): readonly NewEpoch[] {
    const kept = this.#rooms.get(room) ?? [];
    return kept
      .filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > Date.now())
      .map(({ epoch }) => epoch);
  }
}

/** Prekeys of all nodes of a test. */
export class MemoryPrekeys implements PrekeyStore {
  readonly #users = new Map<
    UserId,
    { readonly fingerprint: Fingerprint; readonly prekeys: readonly StoredPrekey[] }
  >();

  async put(user: UserId, fingerprint: Fingerprint, prekeys: readonly StoredPrekey[]): Promise<void> {
    await hop();
    const before = this.#users.get(user);
    const weeks = new Set(prekeys.map(({ week }) => week));
    const left = before?.fingerprint === fingerprint ? before.prekeys : [];
    this.#users.set(user, {
      fingerprint,
      prekeys: [...left.filter(({ week }) => !weeks.has(week)), ...prekeys],
    });
  }

  async current(users: readonly UserId[], nowMs: number): Promise<ReadonlyMap<UserId, Uint8Array>> {
    await hop();
    const found = new Map<UserId, Uint8Array>();
    for (const user of users) {
      const prekeys = this.#users.get(user)?.prekeys ?? [];
      const now = prekeys.find(({ notBefore, notAfter }) => notBefore <= nowMs && nowMs < notAfter);
      if (now !== undefined) found.set(user, now.bytes);
    }
    return found;
  }

  async remove(user: UserId): Promise<void> {
    await hop();
    this.#users.delete(user);
  }
}

function rowOf({ room: _room, copies: _copies, ...row }: NewEpoch): EpochRow {
  return row;
}
