/**
 * From this difference on, the sender's time is shown beside the server's. Honest clocks and a send differ by less. More is a message
 * written offline, a clock that is wrong, or a server that held a message back or lies about its time.
 */
export const WRITTEN_APART_MS = 120_000;

/** The sender's time where it differs from the server's. Both in milliseconds since 1970 UTC. */
export function writtenAt(sentAt: number, at: number): { readonly sentAt?: number } {
  return Math.abs(sentAt - at) > WRITTEN_APART_MS ? { sentAt } : {};
}
