/** What one device leaves for another in a channel. */
export interface LinkEntry {
  /** 16 bytes. */
  readonly channel: Uint8Array;
  readonly number: number;
  readonly data: Uint8Array;
}

/**
 * Channels between two devices: numbered entries, each written once. Entry 0 opens a channel, and all are gone when that one is over.
 * Writes are durable (majority) when they resolve; reads see every write that resolved, on any node. All throw Unavailable, after
 * which a write may or may not have happened.
 */
export interface LinkStore {
  /** `taken`: another entry has this number; the same bytes again are `put`. Times are milliseconds since 1970. */
  open(entry: Omit<LinkEntry, 'number'>, expiresAt: number, nowMs: number): Promise<'put' | 'taken'>;
  /** As open(), for entries after the first. `none`: there is no such channel, or it is over. */
  put(entry: LinkEntry, nowMs: number): Promise<'put' | 'taken' | 'none'>;
  /** `waiting`: the channel is open, and has no such entry yet. */
  read(channel: Uint8Array, number: number, nowMs: number): Promise<Uint8Array | 'waiting' | 'none'>;
}
