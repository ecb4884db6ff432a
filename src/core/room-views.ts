import { LRUCache } from 'lru-cache';
import pMap from 'p-map';
import {
  type RoomRecord,
  type RoomView,
  type RosterChange,
  revertChange,
  settingsOf,
} from '../domain/roster.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { FairTurns } from '../lib/fair-turns.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Sequencer, SequencerState, Watermark } from '../ports/sequencer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { concatBytes } from '../protocol/bytes.ts';
import { idBytes, type RoomId } from '../protocol/ids.ts';
import type { FoldedName } from '../protocol/names.ts';
import { CHANGES_READ_MAX, readChanges } from './change-reading.ts';
import type { SequenceKeeper, Watermarks } from './room-sequence.ts';

/** Weight of all views kept: one for each member, and VIEW_WEIGHT for the rest. A member takes about 200 bytes. */
export const VIEWS_WEIGHT_MAX = 300_000;
const VIEW_WEIGHT = 8;
/** Rooms whose newest version is remembered. */
const NEWEST_MAX = 100_000;
const LOADS_AT_ONCE = 16;

/** A room at one version, with the ids of its members as an envelope carries them: 16 bytes each, ascending. */
export interface KnownView {
  readonly view: RoomView;
  readonly recipients: Uint8Array;
}

/** How far a room had come when its record was read, or before. */
export interface RoomProgress {
  /** The last position. */
  readonly head: number;
  /** The highest number of an epoch; 0: none. */
  readonly epoch: number;
}

export interface LoadedRoom extends RoomProgress {
  readonly record: RoomRecord;
}

export interface CurrentRoom extends RoomProgress {
  readonly view: RoomView;
}

export type ViewAt =
  | { readonly kind: 'known'; readonly known: KnownView }
  /** No message for this version is accepted any more, or there is no such version. */
  | { readonly kind: 'stale'; readonly current: RoomView }
  | { readonly kind: 'gone' };

/** Where a reading takes what it finds half done: see RoomUpkeep. */
export interface UnfinishedRooms {
  announceSince(view: RoomView, version: number): void;
  endRoom(room: RoomId): Promise<void>;
}

interface RoomViewsParts {
  readonly rooms: RoomStore;
  readonly sequencer: Sequencer;
  readonly keeper: SequenceKeeper;
  readonly watermarks: Watermarks;
  readonly upkeep: UnfinishedRooms;
  readonly turns: FairTurns;
  readonly telemetry: Telemetry;
}

/**
 * Rooms by version, kept in memory. A version never changes, so what is kept is right for ever; whether it is the newest
 * one is asked of the clock, which every roster change raises before it is answered. Every reading of a record
 * raises the clock first, and completes what a dead node left half done. All methods throw Unavailable.
 */
export class RoomViews {
  /** Of long readings: all that go on at this node share them. */
  readonly turns: FairTurns;
  readonly #parts: RoomViewsParts;
  readonly #kept = new LRUCache<string, KnownView>({ maxSize: VIEWS_WEIGHT_MAX });
  readonly #newest = boundedCache<RoomId, number>(NEWEST_MAX);
  readonly #loads = new SingleFlight<RoomId, LoadedRoom | undefined>();

  constructor(parts: RoomViewsParts) {
    this.#parts = parts;
    this.turns = parts.turns;
  }

  /** Reads the record now. Undefined: there is no such room. */
  async load(room: RoomId): Promise<LoadedRoom | undefined> {
    const { term } = this.#parts.watermarks;
    const record = await this.#parts.rooms.byId(room);
    if (record !== undefined) return this.#taken(record, term);
    await this.#parts.upkeep.endRoom(room);
    return undefined;
  }

  /** Reads the record now. */
  async loadByName(name: FoldedName): Promise<LoadedRoom | undefined> {
    const { term } = this.#parts.watermarks;
    const record = await this.#parts.rooms.byName(name);
    return record === undefined ? undefined : this.#taken(record, term);
  }

  /** The room as every roster change that was answered left it. One step at the clock when its view is kept here. */
  async current(room: RoomId): Promise<CurrentRoom | undefined> {
    const [current] = await this.currentOf([room]);
    return current;
  }

  /** Several rooms, one step at the sequencer for all whose views are kept; same order as asked. */
  async currentOf(rooms: readonly RoomId[]): Promise<readonly (CurrentRoom | undefined)[]> {
    const { sequencer, watermarks } = this.#parts;
    // Before the sequencer is read: one that is behind these has gone back.
    const knownBefore = rooms.map((room) => watermarks.get(room));
    const states = await sequencer.read(rooms);
    return pMap(
      rooms,
      (room, index) => this.#currentFrom(room, states[index], knownBefore[index] ?? watermarks.get(room)),
      { concurrency: LOADS_AT_ONCE },
    );
  }

  #currentFrom(
    room: RoomId,
    state: SequencerState | undefined,
    known: Watermark,
  ): CurrentRoom | undefined | Promise<CurrentRoom | undefined> {
    if (state?.gone === true) return undefined;
    if (state !== undefined && this.#parts.watermarks.isConfirmed(room) && state.seq >= known.seq) {
      const kept = this.#kept.get(keyOf(room, Math.max(state.version, known.version)));
      if (kept !== undefined) {
        this.#parts.watermarks.note(room, { epoch: state.epoch });
        return { view: kept.view, head: state.seq, epoch: this.#parts.watermarks.epoch(room) };
      }
    }
    return this.#loadCurrent(room, Math.max(state?.version ?? 0, known.version));
  }

  async #loadCurrent(room: RoomId, version: number): Promise<CurrentRoom | undefined> {
    const loaded = await this.#loadAtLeast(room, version);
    if (loaded === undefined) return undefined;
    const { record, head, epoch } = loaded;
    return { view: viewOf(record), head, epoch };
  }

  /**
   * The relay was away: its sequencers may be lost or behind. From this call on, the first use of any room raises its
   * sequencer from its record; for these rooms that happens now. Never throws: what fails now is done by the next use.
   */
  async recover(rooms: readonly RoomId[]): Promise<void> {
    this.#parts.watermarks.distrustAll();
    await pMap(
      rooms,
      (room) =>
        this.confirm(room).catch((error: unknown) => this.#parts.telemetry.warn('clock_not_raised', error)),
      { concurrency: LOADS_AT_ONCE },
    );
  }

  /** The room at a version that a message was prepared for. No step at all when it is kept here. */
  async at(room: RoomId, version: number): Promise<ViewAt> {
    const kept = this.#kept.get(keyOf(room, version));
    if (kept !== undefined) return { kind: 'known', known: kept };
    const loaded = await this.#loadAtLeast(room, version);
    if (loaded === undefined) return { kind: 'gone' };
    const current = viewOf(loaded.record);
    const view = await this.#earlier(current, version);
    return view === undefined ? { kind: 'stale', current } : { kind: 'known', known: this.keep(view) };
  }

  /** Keeps a version that the caller knows to be in the store. */
  keep(view: RoomView): KnownView {
    const { room, version, members } = view;
    const newest = this.#newest.get(room);
    if (newest === undefined || newest < version) this.#newest.set(room, version);
    const key = keyOf(room, version);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const known = { view, recipients: concatBytes(...members.map(({ user }) => idBytes(user))) };
    this.#kept.set(key, known, { size: VIEW_WEIGHT + members.length });
    return known;
  }

  /** Keeps a room that was just made; its clock was set. */
  keepRecord(record: RoomRecord): void {
    this.#parts.watermarks.confirm(record.room, this.#parts.watermarks.term);
    this.keep(viewOf(record));
  }

  /** The newest view that is kept here, if any. Asks nobody. */
  newest(room: RoomId): RoomView | undefined {
    const version = this.#newest.get(room);
    return version === undefined ? undefined : this.#kept.get(keyOf(room, version))?.view;
  }

  /** Makes sure that the clock was raised from the record since the relay was last away. False: there is no such room. */
  async confirm(room: RoomId): Promise<boolean> {
    if (this.#parts.watermarks.isConfirmed(room)) return true;
    if ((await this.#loads.run(room, () => this.load(room))) === undefined) return false;
    // A load that others began before the relay came back proves nothing.
    return this.#parts.watermarks.isConfirmed(room) || (await this.load(room)) !== undefined;
  }

  /** Shares a load that is under way if it turns out to be new enough. */
  async #loadAtLeast(room: RoomId, version: number): Promise<LoadedRoom | undefined> {
    const shared = await this.#loads.run(room, () => this.load(room));
    return shared !== undefined && shared.record.version >= version ? shared : this.load(room);
  }

  async #taken(record: RoomRecord, term: number): Promise<LoadedRoom | undefined> {
    const sequence = await this.#parts.keeper.raiseFrom(record, term);
    if (sequence.gone) return undefined;
    if (sequence.versionBefore < record.version)
      this.#parts.upkeep.announceSince(record, sequence.versionBefore);
    this.keep(viewOf(record));
    return { record, head: sequence.head, epoch: this.#parts.watermarks.epoch(record.room) };
  }

  /**
   * Undefined for a version below the floor, above the current one, or whose changes are no longer kept; and for one that
   * more changes followed than a request reads, which a sender prepares again as if it were below the floor.
   */
  async #earlier(current: RoomView, version: number): Promise<RoomView | undefined> {
    if (version === current.version) return current;
    if (version < current.floor || version > current.version) return undefined;
    if (current.version - version > CHANGES_READ_MAX) return undefined;
    const { room } = current;
    const changes: RosterChange[] = [];
    // The record may have changed since it was read: only what leads up to it is taken back.
    const range = { since: version, through: current.version };
    const take = (change: RosterChange): 'taken' => {
      changes.push(change);
      return 'taken';
    };
    const read = await readChanges(this.#parts.rooms, room, range, take, () => this.turns.turn(room));
    if (read !== current.version) return undefined;
    const members = changes.reverse().reduce(revertChange, current.members);
    return { ...current, version, members };
  }
}

const keyOf = (room: RoomId, version: number): string => `${room}:${version}`;

/** Only what belongs to the version: the rest of a record changes without it. */
function viewOf(record: RoomRecord): RoomView {
  const { room, version, floor, members } = record;
  return { room, version, floor, members, ...settingsOf(record) };
}
