import type { RoomId, UserId } from '../../src/protocol/ids.ts';
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
    const chains: RoomChains = ({ sender, chain: id }) => {
      const chain = room.chains.get(sender + id) ?? { records: [], floor: undefined };
      return recordsOf(room, sender, chain, () => room.chains.set(sender + id, chain));
    };
    const put = (pieces: ReadPieces): void => {
      room.read = pieces;
    };
    return step(chains, openedOf(room), { get: () => room.read, put });
  }

  async lastOpened(id: RoomId): Promise<Seen | undefined> {
    const { opened } = this.#room(id);
    const position = highest(opened);
    const headerHash = opened.get(position);
    return headerHash === undefined ? undefined : { position, headerHash };
  }

  async lastOf(room: RoomId, { sender, chain }: ChainName): Promise<ChainRecord | undefined> {
    return this.#room(room)
      .chains.get(sender + chain)
      ?.records.at(-1);
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

function openedOf({ opened }: Room): OpenedHeaders {
  return {
    at: (position) => opened.get(position),
    add: (position, headerHash) => {
      if (!opened.has(position)) opened.set(position, headerHash);
    },
  };
}

function highest(opened: ReadonlyMap<number, unknown>): number {
  return [...opened.keys()].reduce((most, position) => Math.max(most, position), 0);
}

/** `keep` is called when the chain gets a record: most that are asked for have none. */
function recordsOf(room: Room, sender: UserId, chain: Chain, keep: () => void): ChainRecords {
  const { records } = chain;
  return {
    at: (position) => {
      const record = records[firstFrom(records, position)];
      return record?.position === position ? record : undefined;
    },
    below: (position) => records[firstFrom(records, position) - 1],
    above: (position) => records[firstFrom(records, position + 1)],
    floor: () => chain.floor,
    positionOf: (message) => room.positions.get(sender + message),
    add: (record, message) => {
      records.splice(firstFrom(records, record.position), 0, record);
      keep();
      room.positions.set(sender + message, record.position);
    },
    restart: (floor) => {
      records.length = 0;
      chain.floor = floor;
    },
  };
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
