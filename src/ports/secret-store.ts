/** Signs resume tokens, which carry its number. */
export interface TokenSecret {
  readonly number: number;
  readonly secret: Uint8Array;
  /** Milliseconds since 1970. Absent: it is the one that signs. */
  readonly acceptedUntil?: number;
}

export interface StoredSecrets {
  /** Ascending by number. The last one signs; the others are still accepted until `acceptedUntil`. */
  readonly tokenSecrets: readonly TokenSecret[];
  /** 32 bytes behind made-up salts and the choice of made-up keys. Never changes: a change would show which names are real. */
  readonly decoySecret: Uint8Array;
  /** SPKI DER of the RSA-2048 keys that challenges for unknown names are encrypted to. */
  readonly decoyKeys: readonly Uint8Array[];
}

/** All throw Unavailable. */
export interface SecretStore {
  /** One atomic insert: the first caller's secrets win, and every caller on every node gets them. */
  ensure(make: () => Promise<StoredSecrets>): Promise<StoredSecrets>;
  /** As they are now; undefined before the first ensure(). */
  read(): Promise<StoredSecrets | undefined>;
  /**
   * Puts these in the place of the token secrets, and touches nothing else. Atomic: only while the last one still has the
   * number `last`. Durable when it resolves.
   */
  replaceTokenSecrets(last: number, next: readonly TokenSecret[]): Promise<'replaced' | 'conflict'>;
}
