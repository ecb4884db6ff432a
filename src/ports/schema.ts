/**
 * The form in which the truth is stored. A release reads every form up to the newest that it knows, and writes the one
 * in force, so that gateways of two neighbouring releases work on the same data. All throw Unavailable.
 */
export interface Schema {
  /** The newest form that this release knows. */
  readonly newest: number;
  /** The form in force, as last read: at the start, and by refresh(). A new store begins with the newest. */
  inForce(): number;
  /** Reads it again. A number above `newest`: a newer release took over, and this node must stop. */
  refresh(): Promise<number>;
  /**
   * Computes what the newest form derives from the older ones, then puts it in force, in one step. No node of a release
   * that does not know it may be running. Repeating it is harmless.
   */
  raise(): Promise<void>;
}
