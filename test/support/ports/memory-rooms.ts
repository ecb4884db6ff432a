import { updatedView } from '../../../src/core/room-changes.ts';
import { memberOf, type RoomRecord, type RosterChange, updatedBans } from '../../../src/domain/roster.ts';
import type {
  OwnRoom,
  RoomChore,
  RoomStore,
  RoomSummary,
  RosterUpdate,
} from '../../../src/ports/room-store.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { type FoldedName, foldName } from '../../../src/protocol/names.ts';
import { hop } from './hop.ts';

/** Room records of all nodes of a test. Each method is one step after an asynchronous hop. */
export class MemoryRooms implements RoomStore {
  readonly #records = new Map<RoomId, RoomRecord>();
  readonly #changes = new Map<RoomId, RosterChange[]>();
  readonly #chores = new Map<RoomId, RoomChore>();

  async create(record: RoomRecord): Promise<'created' | 'name_taken'> {
    await hop();
    if (this.#named(record.folded) !== undefined) return 'name_taken';
    this.#records.set(record.room, record);
    return 'created';
  }

  async byName(name: FoldedName): Promise<RoomRecord | undefined> {
    await hop();
    return this.#named(name);
  }

  async byId(room: RoomId): Promise<RoomRecord | undefined> {
    await hop();
    return this.#records.get(room);
  }

  async update(room: RoomId, update: RosterUpdate): Promise<'updated' | 'conflict' | 'name_taken'> {
    await hop();
    const record = this.#records.get(room);
    if (record === undefined || record.version !== update.change.version - 1) return 'conflict';
    const view = updatedView(record, update);
    const folded = foldName(view.name);
    if ((this.#named(folded)?.room ?? room) !== room) return 'name_taken';
    const bans = update.bans === undefined ? record.bans : updatedBans(record.bans, update.bans);
    this.#records.set(room, { ...record, ...view, folded, bans });
    if (view.retention !== record.retention) this.#file(room, view.version, 'retention');
    this.#changes.set(room, [...(this.#changes.get(room) ?? []), update.change]);
    return 'updated';
  }

  async changes(room: RoomId, since: number, limit: number): Promise<readonly RosterChange[] | undefined> {
    await hop();
    return (this.#changes.get(room) ?? []).filter(({ version }) => version > since).slice(0, limit);
  }

  async delete(room: RoomId, version: number): Promise<'deleted' | 'conflict'> {
    await hop();
    if (this.#records.get(room)?.version !== version) return 'conflict';
    this.#records.delete(room);
    this.#file(room, version, 'deleted');
    return 'deleted';
  }

  async chores(after: RoomId | undefined, limit: number): Promise<readonly RoomChore[]> {
    await hop();
    return [...this.#chores.values()]
      .filter(({ room }) => after === undefined || room > after)
      .sort((a, b) => (a.room < b.room ? -1 : 1))
      .slice(0, limit);
  }

  async choreDone(chore: RoomChore): Promise<boolean> {
    await hop();
    const stored = this.#same(chore);
    if (stored === undefined) return false;
    this.#chores.set(chore.room, { ...stored, after: Math.max(stored.after, chore.after) });
    return true;
  }

  async choreEnded(chore: Omit<RoomChore, 'after'>): Promise<void> {
    await hop();
    if (this.#same(chore) !== undefined) this.#chores.delete(chore.room);
  }

  async raiseCeiling(room: RoomId, from: number, to: number): Promise<number | undefined> {
    await hop();
    const record = this.#records.get(room);
    if (record === undefined) return undefined;
    if (record.seqCeiling !== from) return record.seqCeiling;
    this.#records.set(room, { ...record, seqCeiling: to });
    return to;
  }

  async lowerCeiling(room: RoomId, from: number, to: number): Promise<void> {
    await hop();
    const record = this.#records.get(room);
    if (record?.seqCeiling === from && to < from) this.#records.set(room, { ...record, seqCeiling: to });
  }

  async raiseSettled(room: RoomId, through: number): Promise<void> {
    await hop();
    const record = this.#records.get(room);
    if (record === undefined || record.settledThrough >= through) return;
    this.#records.set(room, { ...record, settledThrough: through });
  }

  async roomsOf(user: UserId, after: RoomId | undefined, limit: number): Promise<readonly OwnRoom[]> {
    await hop();
    return this.#roomsWith(user)
      .filter(({ room }) => after === undefined || room > after)
      .sort((a, b) => (a.room < b.room ? -1 : 1))
      .slice(0, limit)
      .flatMap((record) => {
        const member = memberOf(record, user);
        if (member === undefined) return [];
        return [{ room: record.room, name: record.name, role: member.role, joined: member.joined }];
      });
  }

  async countRoomsOf(user: UserId): Promise<number> {
    await hop();
    return this.#roomsWith(user).length;
  }

  async summaries(rooms: readonly RoomId[]): Promise<readonly RoomSummary[]> {
    await hop();
    return [...this.#records.values()].filter(({ room }) => rooms.includes(room)).map(summaryOf);
  }

  async listed(prefix: string, after: string | undefined, limit: number): Promise<readonly RoomSummary[]> {
    await hop();
    return [...this.#records.values()]
      .filter(({ hidden, folded }) => !hidden && folded.startsWith(prefix) && folded > (after ?? ''))
      .sort((a, b) => (a.folded < b.folded ? -1 : 1))
      .slice(0, limit)
      .map(summaryOf);
  }

  #file(room: RoomId, version: number, kind: RoomChore['kind']): void {
    this.#chores.set(room, { room, version, kind, after: 0 });
  }

  #same({ room, version, kind }: Omit<RoomChore, 'after'>): RoomChore | undefined {
    const stored = this.#chores.get(room);
    return stored?.version === version && stored.kind === kind ? stored : undefined;
  }

  #named(name: FoldedName): RoomRecord | undefined {
    return [...this.#records.values()].find(({ folded }) => folded === name);
  }

  #roomsWith(user: UserId): readonly RoomRecord[] {
    return [...this.#records.values()].filter((record) => memberOf(record, user) !== undefined);
  }
}

function summaryOf({ room, name, folded, members, password, hidden }: RoomRecord): RoomSummary {
  return { room, name, folded, members: members.length, hasPassword: password.number > 0, hidden };
}
