import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeEnvelope, type Notice } from '../domain/envelope.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { REVOCATION_LIFE_MS, type Revocation } from '../ports/revocations.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { decodeServerFrame } from '../protocol/client-codec.ts';
import { ID_BYTES, parseUserId, type UserId } from '../protocol/ids.ts';
import type { RoomName } from '../protocol/names.ts';
import type { Administration } from '../services/administration/administration.ts';
import { type Caller, isRevoked } from '../services/caller.ts';
import type { NodeDesk } from './node-desk.ts';
import { OutboundFrame } from './outbound-frame.ts';
import { joinAct, leaveAct } from './own-act.ts';
import type { SessionRegistry } from './session-registry.ts';

/** Longer than a login or resume may take: a revocation that came between its check and its end still ends it. */
const REMEMBERED_MS = 5_000;
const REMEMBERED_MAX = 10_000;
/** Revocations read at once when notices may have been missed. */
const REREAD_PAGE = 1_000;

export interface ControlFeedParts {
  readonly sessions: SessionRegistry;
  readonly identities: IdentityStore;
  readonly administration: Pick<Administration, 'orderAnswered' | 'secretsChanged'>;
  readonly nodeDesk: () => Pick<NodeDesk, 'order'>;
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
      const envelope = decodeEnvelope(payload);
      if (envelope?.kind === 'notice') this.#notice(envelope.notice);
      else this.missed();
    } catch (error) {
      this.#parts.telemetry.warn('control_failed', error);
    }
  }

  #notice(notice: Notice): void {
    switch (notice.about) {
      case 'own-room': {
        const { user, room, change, event } = notice;
        const name = change === 'joined' ? nameIn(event) : undefined;
        this.#ownRoom([user], name === undefined ? leaveAct(room) : joinAct(name), event);
        return;
      }
      case 'own-room-deleted':
        this.#ownRoom(idsIn(notice.users), leaveAct(notice.room), notice.event);
        return;
      case 'revoked':
        this.#remember(notice);
        this.#revoke(notice, notice.why ?? 'revoked');
        return;
      case 'secrets':
        this.#parts.administration.secretsChanged();
        return;
      case 'node-order':
        this.#parts.nodeDesk().order(notice);
        return;
      case 'node-answer':
        this.#parts.administration.orderAnswered(notice);
        return;
      case 'roster':
      case 'settings':
      case 'presence':
      case 'room-gone':
        // Only the channels of rooms carry these.
        return;
      default:
        notice satisfies never;
    }
  }

  /** To the users' sessions, but for the one that did it. */
  #ownRoom(users: readonly UserId[], act: string, event: Uint8Array): void {
    const frame = OutboundFrame.whole(event);
    for (const user of users) {
      for (const session of this.#parts.sessions.of(user))
        if (!session.takeAct(act)) session.outbox.push(frame, 0);
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
    this.#parts.administration.secretsChanged();
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

function nameIn(event: Uint8Array): RoomName | undefined {
  const decoded = decodeServerFrame(event, () => undefined);
  return decoded.kind === 'event' && decoded.event.name === 'own-room' ? decoded.event.body.name : undefined;
}

function idsIn(users: Uint8Array): readonly UserId[] {
  const ids: UserId[] = [];
  for (let at = 0; at < users.length; at += ID_BYTES) {
    const user = parseUserId(new Uint8Array(users.subarray(at, at + ID_BYTES)));
    if (user !== undefined) ids.push(user);
  }
  return ids;
}
