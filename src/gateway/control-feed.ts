import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Caller, isRevoked } from '../core/caller.ts';
import type { ClusterSecrets } from '../core/cluster-secrets.ts';
import type { NodeOrders } from '../core/node-orders.ts';
import { decodeControlEnvelope } from '../domain/envelope.ts';
import type { ControlNotice } from '../domain/notices.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { REVOCATION_LIFE_MS, type Revocation } from '../ports/revocations.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { ID_BYTES, parseUserId, type UserId } from '../protocol/ids.ts';
import type { AbuseBans } from './admission.ts';
import type { NodeAgent } from './node-agent.ts';
import { OutboundFrame } from './outbound.ts';
import type { SessionRegistry } from './session-registry.ts';

/** Longer than a login or resume may take: a revocation that came between its check and its end still ends it. */
const REMEMBERED_MS = 5_000;
const REMEMBERED_MAX = 10_000;
/** Revocations read at once when notices may have been missed. */
const REREAD_PAGE = 1_000;

export interface ControlFeedParts {
  readonly sessions: SessionRegistry;
  readonly identities: IdentityStore;
  readonly secrets: Pick<ClusterSecrets, 'changed'>;
  readonly orders: Pick<NodeOrders, 'answered'>;
  readonly node: Pick<NodeAgent, 'order'>;
  readonly bans: Pick<AbuseBans, 'told'>;
  readonly telemetry: Telemetry;
}

/** What comes in on the control channel: it reaches users wherever they are. */
export class ControlFeed {
  readonly #parts: ControlFeedParts;
  #rereading: Promise<void> | undefined;
  #missedSince = false;
  #recent: { readonly revocation: Revocation; readonly atMs: number }[] = [];

  constructor(parts: ControlFeedParts) {
    this.#parts = parts;
  }

  /** Never throws. */
  payload(payload: Uint8Array): void {
    try {
      const notice = decodeControlEnvelope(payload);
      if (notice === undefined) this.missed();
      else this.#notice(notice);
    } catch (error) {
      this.#parts.telemetry.warn('control_failed', error);
    }
  }

  #notice(notice: ControlNotice): void {
    switch (notice.about) {
      case 'own-room':
      case 'invitation':
      case 'state':
        this.#tell([notice.user], notice);
        return;
      case 'own-room-deleted':
        this.#tell(idsIn(notice.users), notice);
        return;
      case 'revoked':
        this.#remember(notice);
        this.#revoke(notice, notice.why ?? 'revoked');
        return;
      case 'abuse':
        this.#parts.bans.told(notice.user, notice.banMs, performance.now());
        return;
      case 'secrets':
        this.#parts.secrets.changed();
        return;
      case 'node-order':
        this.#parts.node.order(notice);
        return;
      case 'node-answer':
        this.#parts.orders.answered(notice);
        return;
      default:
        notice satisfies never;
    }
  }

  /** To the users' sessions, except for the one whose request it was. */
  #tell(users: readonly UserId[], { by, event }: { readonly by?: string; readonly event: Uint8Array }): void {
    const frame = OutboundFrame.whole(event);
    for (const user of users) {
      for (const session of this.#parts.sessions.of(user))
        if (session.id !== by) session.outbox.push(frame, 0);
    }
  }

  #remember(revocation: Revocation): void {
    const atMs = performance.now();
    this.#recent = this.#recent.filter((other) => other.atMs > atMs - REMEMBERED_MS).slice(-REMEMBERED_MAX);
    this.#recent.push({ revocation, atMs });
  }

  /** For a session that is about to open: its token was checked a moment ago. */
  wasJustRevoked(caller: Caller): boolean {
    return this.#recent.some(({ revocation }) => isRevoked(caller, revocation));
  }

  /**
   * A revocation may name a token in place of a user. Of an account that is closed or disabled every session ends: a token
   * may be of a node whose clock is ahead.
   */
  #revoke(revocation: Revocation, why: 'revoked' | 'account_closed'): void {
    for (const session of this.#parts.sessions.of(revocation.user)) {
      if (why === 'account_closed' || isRevoked(session.caller, revocation)) session.drain(why);
    }
  }

  /** Notices may have been missed, of revocations and new secrets among them: the truth is in the store. */
  missed(): void {
    this.#parts.secrets.changed();
    this.#missedSince = true;
    this.#rereading ??= this.#reread()
      .catch((error: unknown) => this.#parts.telemetry.warn('revocations_unread', error))
      .finally(() => {
        this.#rereading = undefined;
      });
  }

  /** Page by page: there may be many, and other work goes on in between. */
  async #reread(): Promise<void> {
    const since = Date.now() - REVOCATION_LIFE_MS;
    while (this.#missedSince) {
      this.#missedSince = false;
      for (let after: Revocation | undefined; ; ) {
        const page = await this.#parts.identities.revocations(since, after, REREAD_PAGE);
        for (const revocation of page)
          for (const session of this.#parts.sessions.of(revocation.user))
            if (isRevoked(session.caller, revocation)) session.drain('revoked');
        after = page.at(-1);
        if (page.length < REREAD_PAGE) break;
        await nextTurn();
      }
    }
  }
}

function idsIn(users: Uint8Array): readonly UserId[] {
  const ids: UserId[] = [];
  for (let at = 0; at < users.length; at += ID_BYTES) {
    const user = parseUserId(new Uint8Array(users.subarray(at, at + ID_BYTES)));
    if (user !== undefined) ids.push(user);
  }
  return ids;
}
