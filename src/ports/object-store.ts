export interface StoredObject {
  readonly name: string;
  /** Milliseconds since 1970, by the clock of the store. */
  readonly at: number;
}

/** Entries of one listing, the most that S3 gives. */
export const OBJECTS_LISTED_MAX = 1_000;

/**
 * Objects outside the database, by name: `FOLDER/NAME`, of letters, digits and `-`. Writes are durable when they resolve, and reads
 * see every write that resolved. All throw Unavailable, after which a write may or may not have happened, or may happen yet.
 * While the store is known to be away they throw at once.
 */
export interface ObjectStore {
  /** Replaces what has that name. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined: there is none, or it has more than `bytesMax`. The bytes are the caller's. */
  get(name: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /** One that is not there is no fault. */
  remove(names: readonly string[]): Promise<void>;
  /** What is in a folder, ascending: at most OBJECTS_LISTED_MAX. */
  objects(folder: string): Promise<readonly StoredObject[]>;
  /** The folders whose names come after that one, ascending. Fewer than OBJECTS_LISTED_MAX: these are the last. */
  folders(after: string): Promise<readonly string[]>;
  /**
   * Claims the store for this cluster, whose id that is, and checks that objects can be written, read, listed and removed. Throws
   * StartRefused for what stays wrong until somebody changes it. One that is away is none: it is claimed when it is back.
   */
  start(cluster: string): Promise<void>;
  isUp(): boolean;
  close(): void;
}
