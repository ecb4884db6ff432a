import type { Telemetry } from '../ports/telemetry.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ReplyBody } from '../protocol/requests.ts';
import type { Accounts, Opened } from '../services/api.ts';
import type { Caller, Greeting } from '../services/caller.ts';
import { type Call, unavailable } from './call.ts';
import type { ControlFeed } from './control-feed.ts';
import type { Handlers } from './handlers.ts';
import type { Session } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';
import { OpenSession } from './session-state.ts';

/** A session elsewhere may end, or be found dead, meanwhile. */
const TOO_MANY_SESSIONS_RETRY_MS = 5_000;

export interface LoginParts {
  readonly accounts: Accounts;
  readonly sessions: SessionRegistry;
  readonly controlFeed: ControlFeed;
  readonly telemetry: Telemetry;
  readonly maxLoginAttempts: number;
  /** A session is open from here on. */
  readonly opened: (session: Session) => void;
}

type LoginHandlers = Pick<Handlers, 'register' | 'login' | 'answer' | 'resume'>;

/** The ways into a session. */
export class Logins {
  readonly #parts: LoginParts;
  #sessionsOpened = 0;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  handlers(): LoginHandlers {
    const { accounts } = this.#parts;
    return {
      register: ({ session }, { greeting }, body) => accounts.register(greeting, session.address, body),
      login: async (call, { greeting }, body) => {
        if (!this.#mayTry(call.session)) return refuse('auth_failed');
        const pending = await accounts.challenge(greeting, call.session.address, body);
        if (isRefusal(pending)) {
          this.#parts.telemetry.loggedIn('login', pending.refused, secondsOf(call));
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
        return this.#open(call, 'login', greeting, await accounts.answer(greeting, pending, body));
      },
      resume: async (call, { greeting }, body) => {
        if (!this.#mayTry(call.session)) return refuse('auth_failed');
        return this.#open(call, 'resume', greeting, await accounts.resume(greeting, body));
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
    const outcome = isRefusal(opened) ? opened : await this.#add(call, greeting, opened);
    const result = isRefusal(outcome) ? outcome.refused : 'ok';
    call.session.trace('login', { way, outcome: result });
    this.#parts.telemetry.loggedIn(way, result, secondsOf(call));
    return outcome;
  }

  async #add(call: Call, greeting: Greeting, opened: Opened): Promise<ReplyBody<'answer'> | Refusal> {
    const { session } = call;
    const { user, name, tokenIssuedAt, tokenMark } = opened;
    this.#sessionsOpened += 1;
    const id = String(this.#sessionsOpened);
    const caller: Caller = { user, name, session: id, address: session.address, tokenIssuedAt, tokenMark };
    const added = await this.#parts.sessions.add(user, () => {
      const { kind } = session.state;
      if (call.isDone() || (kind !== 'greeted' && kind !== 'challenged')) return undefined;
      if (this.#parts.controlFeed.wasJustRevoked(caller)) return undefined;
      const open = new OpenSession(session, greeting, caller);
      session.state = open;
      this.#parts.opened(session);
      return open;
    });
    if (added === 'too_many')
      return refuse('too_many_sessions', { retryAfterMs: TOO_MANY_SESSIONS_RETRY_MS });
    if (added === 'added') return opened.reply;
    // Revoked meanwhile, or the connection is about to be closed.
    return this.#parts.controlFeed.wasJustRevoked(caller) ? refuse('auth_failed') : unavailable();
  }
}

function secondsOf(call: Call): number {
  return (performance.now() - call.startedAtMs) / 1_000;
}
