export interface ClusterSecrets {
  /** Ascending by number. The last one signs; the others are still accepted until `acceptedUntil`. */
  readonly tokenSecrets: readonly {
    readonly number: number;
    readonly secret: Uint8Array;
    readonly acceptedUntil?: number;
  }[];
  /** 32 bytes behind made-up salts and the choice of made-up keys. Never changes: a change would show which names are real. */
  readonly decoySecret: Uint8Array;
  /** SPKI DER of the RSA-2048 keys that challenges for unknown names are encrypted to. */
  readonly decoyKeys: readonly Uint8Array[];
}

export interface SecretStore {
  /** One atomic insert: the first caller's secrets win, and every caller on every node gets them. Throws Unavailable. */
  ensure(make: () => Promise<ClusterSecrets>): Promise<ClusterSecrets>;
}
