import type { ChainId, MessageId, RoomId, UserId } from '../../src/protocol/ids.ts';
import type { Seen } from '../../src/protocol/layouts/message-header.ts';
import type { ReadPieces } from './read-pieces.ts';

/** One running client of one sender numbers its messages in each room by itself. */
export interface ChainName {
  readonly sender: UserId;
  readonly chain: ChainId;
}

/** A message that was accepted at a position of the room. */
export interface ChainRecord {
  readonly position: number;
  readonly number: number;
  /** H(header), 32 bytes. */
  readonly headerHash: Uint8Array;
  /**
   * The header's own `previousHash`; kept only while the message with the number before isn't recorded, to check the link
   * when it comes later.
   */
  readonly previousHash?: Uint8Array;
}

/** Up to here, records were forgotten or positions began again; nothing of it is accepted again. */
export interface ChainFloor {
  readonly position: number;
  readonly number: number;
}

/** The chains of one room, inside a transaction. */
export type RoomChains = (name: ChainName) => ChainRecords;

/** What of the room was read, inside a transaction. */
export interface RoomPieces {
  get(): ReadPieces | undefined;
  put(pieces: ReadPieces): void;
}

/** One chain's records, inside a transaction. Positions are unique in a chain. */
export interface ChainRecords {
  at(position: number): ChainRecord | undefined;
  /** The record at the nearest lower position. */
  below(position: number): ChainRecord | undefined;
  /** The record at the nearest higher position. */
  above(position: number): ChainRecord | undefined;
  floor(): ChainFloor | undefined;
  /** Position that a message id of this sender is bound to in this room, whatever the chain. Nobody can bind another's. */
  positionOf(message: MessageId): number | undefined;
  /** Adds a record, and binds the sender's message id to its position. */
  add(record: ChainRecord, message: MessageId): void;
  /** Drops the chain's records and sets its floor; message ids stay bound. */
  restart(floor: ChainFloor): void;
}

/** H(header) of what was opened at positions of one room, whatever its chain; inside a transaction. */
export interface OpenedHeaders {
  at(position: number): Uint8Array | undefined;
  /** What was added first at a position stays. */
  add(position: number, headerHash: Uint8Array): void;
}

/**
 * Memory of what has been accepted, shared by all processes of a profile.
 * - `transaction` is atomic and serial per room: from the first read of `step` to its last write nobody else reads or
 *   writes the room's records. A step that throws leaves nothing behind.
 * - `step` is synchronous, so that no store holds a lock of other processes over somebody else's turn. It is free of other
 *   effects and may be run again: a store that reads asynchronously runs it on what it has, and again once it has more.
 * - A resolved `transaction` is durable, and visible to every later transaction of every process.
 * - `lastOpened` is the highest position of OpenedHeaders, `lastOf` the highest record of a chain.
 * - `forget` is for copies that expired: it drops the room's records at positions below `before`, and the ids bound there,
 *   but always keeps the highest record of a chain, and the highest opened header. Each chain's floor becomes its highest record that was dropped.
 */
export interface ChainStore {
  transaction<T>(
    room: RoomId,
    step: (chains: RoomChains, opened: OpenedHeaders, read: RoomPieces) => T,
  ): Promise<T>;
  lastOpened(room: RoomId): Promise<Seen | undefined>;
  lastOf(room: RoomId, name: ChainName): Promise<ChainRecord | undefined>;
  forget(room: RoomId, before: number): Promise<void>;
}
