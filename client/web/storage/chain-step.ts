import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import type {
  ChainFloor,
  ChainName,
  ChainRecord,
  OpenedHeaders,
  RoomChains,
  RoomPieces,
} from '../../crypto/chain-store.ts';
import type { ReadPieces } from '../../crypto/read-pieces.ts';

/** What of a room can be read. */
export interface ChainReads {
  at(name: ChainName, position: number): Promise<ChainRecord | undefined>;
  below(name: ChainName, position: number): Promise<ChainRecord | undefined>;
  above(name: ChainName, position: number): Promise<ChainRecord | undefined>;
  floor(name: ChainName): Promise<ChainFloor | undefined>;
  positionOf(name: ChainName, message: MessageId): Promise<number | undefined>;
  header(position: number): Promise<Uint8Array | undefined>;
  pieces(): Promise<ReadPieces | undefined>;
}

/** How what a step did is written. */
export interface ChainWrites {
  restart(name: ChainName, floor: ChainFloor): Promise<void>;
  add(name: ChainName, record: ChainRecord): Promise<void>;
  bind(sender: UserId, message: MessageId, position: number): Promise<void>;
  header(position: number, hash: Uint8Array): Promise<void>;
  pieces(pieces: ReadPieces): Promise<void>;
}

interface ChangedChain {
  readonly name: ChainName;
  /** Undefined: what is stored still counts. */
  restarted: ChainFloor | undefined;
  readonly added: ChainRecord[];
}

/** Answers to one kind of question, by its words. */
class Answers<T> {
  readonly #known = new Map<string, T | undefined>();
  readonly #missing = new Map<string, (reads: ChainReads) => Promise<T | undefined>>();

  /** Undefined also while the answer is missing. */
  get(question: string, ask: (reads: ChainReads) => Promise<T | undefined>): T | undefined {
    if (!this.#known.has(question)) this.#missing.set(question, ask);
    return this.#known.get(question);
  }

  /** Whether something was missing. */
  async fetch(reads: ChainReads): Promise<boolean> {
    const missing = [...this.#missing];
    this.#missing.clear();
    await Promise.all(missing.map(async ([question, ask]) => this.#known.set(question, await ask(reads))));
    return missing.length > 0;
  }
}

/** What is known of a room's records while a step runs on them again and again. */
export class ChainAnswers {
  readonly records = new Answers<ChainRecord>();
  readonly floors = new Answers<ChainFloor>();
  readonly positions = new Answers<number>();
  readonly headers = new Answers<Uint8Array>();
  readonly pieces = new Answers<ReadPieces>();

  /** Reads what was asked and is not known. False: there was nothing. */
  async fetch(reads: ChainReads): Promise<boolean> {
    const { records, floors, positions, headers, pieces } = this;
    const kinds = [records, floors, positions, headers, pieces];
    return (await Promise.all(kinds.map((kind) => kind.fetch(reads)))).includes(true);
  }
}

/**
 * One run of a step on answers that are there. A question without one is answered as if nothing were stored: then the run
 * counts for nothing. Writes are kept until the end, and seen by later questions.
 */
export class ChainStep {
  readonly #answers: ChainAnswers;
  readonly #chains = new Map<string, ChangedChain>();
  readonly #bound = new Map<string, { sender: UserId; message: MessageId; position: number }>();
  readonly #headers = new Map<number, Uint8Array>();
  #pieces: ReadPieces | undefined;

  constructor(answers: ChainAnswers) {
    this.#answers = answers;
  }

  readonly chains: RoomChains = (name) => {
    const key = name.sender + name.chain;
    const changed = this.#chains.get(key) ?? { name, restarted: undefined, added: [] };
    this.#chains.set(key, changed);
    /** The best of what was added here and what is stored; `order` puts the best one first. */
    const best = (
      question: 'at' | 'below' | 'above',
      position: number,
      fits: (record: ChainRecord) => boolean,
      order: (a: ChainRecord, b: ChainRecord) => number = () => 0,
    ): ChainRecord | undefined => {
      const stored =
        changed.restarted === undefined
          ? this.#answers.records.get(`${question} ${position} ${key}`, (reads) =>
              reads[question](name, position),
            )
          : undefined;
      const found = [...changed.added, ...(stored === undefined ? [] : [stored])].filter(fits);
      const [first] = found.sort(order);
      return first && structuredClone(first);
    };
    return {
      at: (position) => best('at', position, (record) => record.position === position),
      below: (position) =>
        best(
          'below',
          position,
          (record) => record.position < position,
          (a, b) => b.position - a.position,
        ),
      above: (position) =>
        best(
          'above',
          position,
          (record) => record.position > position,
          (a, b) => a.position - b.position,
        ),
      floor: () => changed.restarted ?? this.#answers.floors.get(key, (reads) => reads.floor(name)),
      positionOf: (message) =>
        this.#bound.get(name.sender + message)?.position ??
        this.#answers.positions.get(name.sender + message, (reads) => reads.positionOf(name, message)),
      add: (record, message) => {
        const { position } = record;
        changed.added.push(structuredClone(record));
        this.#bound.set(name.sender + message, { sender: name.sender, message, position });
      },
      restart: (floor) => {
        changed.restarted = floor;
        changed.added.length = 0;
      },
    };
  };

  readonly headers: OpenedHeaders = {
    at: (position) => {
      const hash = this.#header(position);
      return hash && new Uint8Array(hash);
    },
    add: (position, hash) => {
      if (this.#header(position) === undefined) this.#headers.set(position, new Uint8Array(hash));
    },
  };

  readonly pieces: RoomPieces = {
    get: () => this.#pieces ?? this.#answers.pieces.get('', (reads) => reads.pieces()),
    put: (pieces) => {
      this.#pieces = pieces;
    },
  };

  async write(writes: ChainWrites): Promise<void> {
    for (const { name, restarted, added } of this.#chains.values()) {
      if (restarted !== undefined) await writes.restart(name, restarted);
      for (const record of added) await writes.add(name, record);
    }
    for (const { sender, message, position } of this.#bound.values())
      await writes.bind(sender, message, position);
    for (const [position, hash] of this.#headers) await writes.header(position, hash);
    if (this.#pieces !== undefined) await writes.pieces(this.#pieces);
  }

  #header(position: number): Uint8Array | undefined {
    return (
      this.#headers.get(position) ??
      this.#answers.headers.get(String(position), (reads) => reads.header(position))
    );
  }
}
