export interface Invite {
  /** Of the code; 32 bytes. The code itself is nowhere but with whom it was given to. */
  readonly hash: Uint8Array;
  /** Milliseconds since 1970. The store reclaims the space by itself, some time after. */
  readonly expiresAt: number;
}

/**
 * Invitations, each for one claimant: 32 bytes that stand for one account and no other. Every method is atomic over all
 * nodes, and durable when it resolves. All throw Unavailable, after which it may or may not have happened.
 */
export interface InviteStore {
  add(invite: Invite): Promise<void>;
  /**
   * True when the invitation is there, is not expired at `nowMs`, and nobody else has claimed it: it is this claimant's
   * from then on. The same claimant may claim it again.
   */
  claim(hash: Uint8Array, claimant: Uint8Array, nowMs: number): Promise<boolean>;
  /** Free again, if it is this claimant's. */
  release(hash: Uint8Array, claimant: Uint8Array): Promise<void>;
}
