import type { Invitations } from '../core/invitations.ts';
import type { NodeOrders } from '../core/node-orders.ts';
import type { SecretRotation } from '../core/secret-rotation.ts';
import type { NodeAnswer } from '../domain/node-order.ts';
import type { AdminActionName, AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import type { AccountControl } from './account-control.ts';
import type { RoomPurging } from './room-purging.ts';

/** Throws Unavailable; anything else that it throws is a bug. */
type Act<Name extends AdminActionName> = (body: AdminBody<Name>) => Promise<AdminReply<Name> | AdminRefusal>;

/** Every action of the table has its use case, or this does not compile. */
export type AdminActs = { readonly [Name in AdminActionName]: Act<Name> };

/** What an operator may do through any node. */
export interface Administration {
  readonly acts: AdminActs;
  /** Another node may have changed the cluster's secrets. Never throws. */
  secretsChanged(): void;
  /** A node confirmed an order, perhaps one of this node. */
  orderAnswered(answer: NodeAnswer): void;
  close(): void;
}

interface AdministrationParts {
  readonly orders: NodeOrders;
  readonly accounts: AccountControl;
  readonly purging: RoomPurging;
  readonly invitations: Invitations;
  readonly rotation: SecretRotation;
}

export function createAdministration({
  orders,
  accounts,
  purging,
  invitations,
  rotation,
}: AdministrationParts): Administration {
  return {
    acts: {
      nodes: () => orders.nodes(),
      drain: (body) => orders.drain(body),
      shed: (body) => orders.shed(body),
      revoke: (body) => accounts.revoke(body),
      disable: (body) => accounts.disable(body),
      enable: (body) => accounts.enable(body),
      purge: (body) => purging.purge(body),
      invite: () => invitations.invite(),
      'rotate-secret': () => rotation.rotate(),
    },
    secretsChanged: () => rotation.changed(),
    orderAnswered: (answer) => orders.answered(answer),
    close: () => orders.close(),
  };
}
