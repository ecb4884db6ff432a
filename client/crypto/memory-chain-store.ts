import type { RoomId } from '../../src/protocol/ids.ts';
import type { Seen } from '../../src/protocol/layouts/message-header.ts';
import type {
  ChainFloor,
  ChainName,
  ChainRecord,
  ChainRecords,
  ChainStore,
  OpenedHeaders,
  RoomChains,
  RoomPieces,
} from './chain-store.ts';
import type { ReadPieces } from './read-pieces.ts';

interface Chain {
  /** Ascending by position. */
  records: ChainRecord[];
  floor: ChainFloor | undefined;
}

interface Room {
  readonly chains: Map<string, Chain>;
  /** By sender and message id. */
  readonly positions: Map<string, number>;
  /** H(header) by position. */
  readonly opened: Map<number, Uint8Array>;
  read: ReadPieces | undefined;
}

/** A chain store that lives as long as the page or the process. It grows until `forget`. */
export class MemoryChainStore implements ChainStore {
  readonly #rooms = new Map<RoomId, Room>();

  async transaction<T>(
    id: RoomId,
    step: (chains: RoomChains, opened: OpenedHeaders, read: RoomPieces) => T,
  ): Promise<T> {
    const room = this.#room(id);
    const undo: Undo = [];
    const chains: RoomChains = (name) => recordsOf(room, name, undo);
    const put = (pieces: ReadPieces): void => {
      const before = room.read;
      undo.push(() => {
        room.read = before;
      });
      room.read = pieces;
    };
    try {
      return step(chains, openedOf(room, undo), { get: () => room.read, put });
    } catch (error) {
      for (const back of undo.reverse()) back();
      throw error;
    }
  }

  async lastOpened(id: RoomId): Promise<Seen | undefined> {
    const { opened } = this.#room(id);
    const position = highest(opened);
    const headerHash = opened.get(position);
    return headerHash === undefined ? undefined : { position, headerHash: new Uint8Array(headerHash) };
  }

  async lastOf(room: RoomId, { sender, chain }: ChainName): Promise<ChainRecord | undefined> {
    const last = this.#room(room)
      .chains.get(sender + chain)
      ?.records.at(-1);
    return last === undefined ? undefined : copyOf(last);
  }

  async forget(room: RoomId, before: number): Promise<void> {
    const { chains, opened, positions } = this.#room(room);
    const last = highest(opened);
    for (const position of opened.keys()) if (position < before && position !== last) opened.delete(position);
    for (const chain of chains.values()) {
      const last = chain.records.at(-1);
      const kept = chain.records.filter((record) => record.position >= before || record === last);
      const dropped = chain.records[chain.records.length - kept.length - 1];
      if (dropped !== undefined) chain.floor = { position: dropped.position, number: dropped.number };
      chain.records = kept;
    }
    for (const [message, position] of positions) if (position < before) positions.delete(message);
  }

  #room(id: RoomId): Room {
    const room = this.#rooms.get(id) ?? {
      ...{ chains: new Map(), positions: new Map(), opened: new Map() },
      read: undefined,
    };
    this.#rooms.set(id, room);
    return room;
  }
}

/** What takes back each write of a step, the first one first. */
type Undo = (() => void)[];

function openedOf({ opened }: Room, undo: Undo): OpenedHeaders {
  return {
    at: (position) => {
      const headerHash = opened.get(position);
      return headerHash === undefined ? undefined : new Uint8Array(headerHash);
    },
    add: (position, headerHash) => {
      if (opened.has(position)) return;
      opened.set(position, new Uint8Array(headerHash));
      undo.push(() => opened.delete(position));
    },
  };
}

function highest(opened: ReadonlyMap<number, unknown>): number {
  return [...opened.keys()].reduce((most, position) => Math.max(most, position), 0);
}

function recordsOf(room: Room, { sender, chain }: ChainName, undo: Undo): ChainRecords {
  const key = sender + chain;
  const records = (): readonly ChainRecord[] => room.chains.get(key)?.records ?? [];
  const nth = (index: number): ChainRecord | undefined => {
    const record = records()[index];
    return record === undefined ? undefined : copyOf(record);
  };
  /** A chain is kept once it has something to keep: most that are asked for have nothing. */
  const kept = (): Chain => {
    const known = room.chains.get(key);
    if (known !== undefined) return known;
    const begun: Chain = { records: [], floor: undefined };
    room.chains.set(key, begun);
    undo.push(() => room.chains.delete(key));
    return begun;
  };
  return {
    at: (position) => {
      const record = nth(firstFrom(records(), position));
      return record?.position === position ? record : undefined;
    },
    below: (position) => nth(firstFrom(records(), position) - 1),
    above: (position) => nth(firstFrom(records(), position + 1)),
    floor: () => room.chains.get(key)?.floor,
    positionOf: (message) => room.positions.get(sender + message),
    add: (record, message) => {
      const { records: all } = kept();
      const index = firstFrom(all, record.position);
      all.splice(index, 0, copyOf(record));
      undo.push(() => all.splice(index, 1));
      const bound = room.positions.get(sender + message);
      room.positions.set(sender + message, record.position);
      undo.push(() => {
        if (bound === undefined) room.positions.delete(sender + message);
        else room.positions.set(sender + message, bound);
      });
    },
    restart: (floor) => {
      const restarted = kept();
      const before = { ...restarted };
      undo.push(() => Object.assign(restarted, before));
      Object.assign(restarted, { records: [], floor });
    },
  };
}

function copyOf(record: ChainRecord): ChainRecord {
  const { position, number, headerHash, previousHash } = record;
  const copy = { position, number, headerHash: new Uint8Array(headerHash) };
  return previousHash === undefined ? copy : { ...copy, previousHash: new Uint8Array(previousHash) };
}

/** Index of the first record at this position or a higher one. */
function firstFrom(records: readonly ChainRecord[], position: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
