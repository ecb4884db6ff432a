import type { RunId } from '../protocol/admin-actions.ts';

declare const brand: unique symbol;
/** One order of an operator to one node: 32 hexadecimal digits, random. Its answer carries it. */
export type OrderId = string & { readonly [brand]: 'OrderId' };

export function parseOrderId(value: unknown): OrderId | undefined {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? (value as OrderId) : undefined;
}

/** `drain`: move all clients elsewhere, then end. `shed`: move so many sessions elsewhere, and go on. */
export type NodeTask = { readonly task: 'drain' } | { readonly task: 'shed'; readonly count: number };

/** Told to all nodes on the control channel; the one that it names obeys. */
export interface NodeOrder {
  readonly order: OrderId;
  readonly run: RunId;
  readonly task: NodeTask;
}

/** The node that an order names has begun; so many sessions will move. */
export interface NodeAnswer {
  readonly order: OrderId;
  readonly sessions: number;
}
