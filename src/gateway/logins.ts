import { randomBytes } from 'node:crypto';
import type { Caller, Greeting, Opened } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import type { ReplyBody } from '../protocol/requests.ts';
import { beginLogin, finishLogin, resumeSession } from '../requests/logins.ts';
import { register } from '../requests/registration.ts';
import type { AbuseBans } from './admission.ts';
import { type Call, type ConnectionHandlers, unavailable } from './dispatcher.ts';
import { OpenSession, type Session } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';

/** A session elsewhere may end, or be found dead, meanwhile. */
const TOO_MANY_SESSIONS_RETRY_MS = 5_000;
const PREFIX_BYTES = 8;

export interface LoginParts {
  readonly core: Core;
  readonly sessions: SessionRegistry;
  /** See ControlFeed. */
  readonly revoked: { wasJustRevoked(caller: Caller): boolean };
  readonly maxLoginAttempts: number;
  readonly abuseBans: AbuseBans;
  /** A session is open from here on. */
  readonly opened: (session: Session, user: UserId) => void;
  /** A banned user came back too early. */
  readonly cameTooEarly: (address: string) => void;
}

type LoginHandlers = Pick<ConnectionHandlers, 'register' | 'login' | 'answer' | 'resume'>;

/** The ways into a session. */
export class Logins {
  readonly #parts: LoginParts;
  /** Begins the ids of all sessions of this node: no other node has it. */
  readonly #prefix = randomBytes(PREFIX_BYTES).toString('hex');
  #sessionsOpened = 0;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  handlers(): LoginHandlers {
    const { core } = this.#parts;
    return {
      register: ({ session }, { greeting }, body) => register(core, greeting, session.address, body),
      login: async (call, { greeting }, body) => {
        if (!this.#mayTry(call.session)) return refuse('auth_failed');
        const pending = await beginLogin(core, greeting, call.session.address, body);
        if (isRefusal(pending)) {
          this.#parts.core.telemetry.loggedIn('login', pending.refused, secondsOf(call));
          return pending;
        }
        const { kind } = call.session.state;
        if (call.isDone() || (kind !== 'greeted' && kind !== 'challenged')) return refuse('conflict');
        call.session.state = { kind: 'challenged', greeting, pending };
        return pending.reply;
      },
      answer: async (call, { greeting, pending }, body) => {
        // One use, whatever comes of it.
        call.session.state = { kind: 'greeted', greeting };
        return this.#open(call, 'login', greeting, await finishLogin(core, pending, body));
      },
      resume: async (call, { greeting }, body) => {
        if (!this.#mayTry(call.session)) return refuse('auth_failed');
        return this.#open(call, 'resume', greeting, await resumeSession(core, greeting, body));
      },
    };
  }

  /** Every login and resume is an attempt; the one too many closes the connection. */
  #mayTry(session: Session): boolean {
    session.loginAttempts += 1;
    if (session.loginAttempts <= this.#parts.maxLoginAttempts) return true;
    session.close('abuse');
    return false;
  }

  async #open(
    call: Call,
    way: 'login' | 'resume',
    greeting: Greeting,
    opened: Opened | Refusal,
  ): Promise<ReplyBody<'answer'> | Refusal> {
    const outcome = isRefusal(opened)
      ? opened
      : (this.#refuseBanned(call, opened.user) ?? (await this.#add(call, greeting, opened)));
    const result = isRefusal(outcome) ? outcome.refused : 'ok';
    call.session.trace('login', { way, outcome: result });
    this.#parts.core.telemetry.loggedIn(way, result, secondsOf(call));
    return outcome;
  }

  /** Only after the user proved to be who they are: nobody else learns of the ban, or can prolong it. */
  #refuseBanned({ session }: Call, user: UserId): Refusal | undefined {
    const retryAfterMs = this.#parts.abuseBans.waitMs(user, performance.now());
    if (retryAfterMs === 0) return undefined;
    this.#parts.core.telemetry.rateLimited('abuse_user');
    this.#parts.cameTooEarly(session.address);
    return refuse('rate_limited', { retryAfterMs });
  }

  async #add(call: Call, greeting: Greeting, opened: Opened): Promise<ReplyBody<'answer'> | Refusal> {
    const { session } = call;
    const { user, name, tokenIssuedAt, tokenId } = opened;
    this.#sessionsOpened += 1;
    const id = `${this.#prefix}-${this.#sessionsOpened}`;
    const caller: Caller = { user, name, session: id, address: session.address, tokenIssuedAt, tokenId };
    const added = await this.#parts.sessions.add(user, () => {
      const { kind } = session.state;
      if (call.isDone() || (kind !== 'greeted' && kind !== 'challenged')) return undefined;
      if (this.#parts.revoked.wasJustRevoked(caller)) return undefined;
      const open = new OpenSession(session, greeting, caller);
      session.state = open;
      this.#parts.opened(session, user);
      return open;
    });
    if (added === 'too_many')
      return refuse('too_many_sessions', { retryAfterMs: TOO_MANY_SESSIONS_RETRY_MS });
    if (added === 'added') return opened.reply;
    // Revoked meanwhile, or the connection is about to be closed.
    return this.#parts.revoked.wasJustRevoked(caller) ? refuse('auth_failed') : unavailable();
  }
}

function secondsOf(call: Call): number {
  return (performance.now() - call.startedAtMs) / 1_000;
}
