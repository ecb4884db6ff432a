import type { NodeAnswer } from '../domain/node-order.ts';
import type { AdminActionName, AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import type { NodeOrders } from './node-orders.ts';

/** Throws Unavailable; anything else that it throws is a bug. */
type Act<Name extends AdminActionName> = (body: AdminBody<Name>) => Promise<AdminReply<Name> | AdminRefusal>;

/** Every action of the table has its use case, or this does not compile. */
export type AdminActs = { readonly [Name in AdminActionName]: Act<Name> };

/** What an operator may do through any node. */
export interface Administration {
  readonly acts: AdminActs;
  /** A node confirmed an order, perhaps one of this node. */
  orderAnswered(answer: NodeAnswer): void;
  close(): void;
}

export function createAdministration({ orders }: { readonly orders: NodeOrders }): Administration {
  return {
    acts: {
      nodes: () => orders.nodes(),
      drain: (body) => orders.drain(body),
      shed: (body) => orders.shed(body),
    },
    orderAnswered: (answer) => orders.answered(answer),
    close: () => orders.close(),
  };
}
