/**
 * Where each node shows the others that it is ready, kept in a backing service: so one service tells a node that lost
 * the other one whether everybody lost it, or this node alone. All throw Unavailable.
 */
export interface ReadyMarks {
  /** This node is ready now. `node` names this run of it. */
  set(node: string): Promise<void>;
  /** Of each node that set one within the last minute: a number that rises whenever it does so again. */
  all(): Promise<ReadonlyMap<string, number>>;
}

/** What nobody has to look for any more. */
export const READY_MARK_LIFE_SECONDS = 60;
