import type { RoomView } from '../domain/roster.ts';
import type { PresenceChange } from '../ports/presence.ts';
import type { ClockSeen } from '../ports/room-clock.ts';
import type { RoomInfo } from '../protocol/entities.ts';
import type { Refusal } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { UserName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import type { Administration } from '../requests/administration.ts';
import type { Caller, Greeting, TokenMark } from './caller.ts';

/**
 * What the gateway may ask of the use cases. A refusal is a returned value. A port that does not answer is thrown as
 * Unavailable, within the ports' own timeouts; the request may then have taken effect, and asking again is safe.
 */
export interface Services {
  readonly accounts: Accounts;
  readonly rooms: Rooms;
  readonly posting: Posting;
  readonly history: History;
  readonly presence: PresenceFeed;
  readonly administration: Administration;
  /**
   * Reads or makes the cluster's secrets, and listens to presence. To be called once, after the backends started.
   * Throws Unavailable.
   */
  start(): Promise<void>;
  /** Ends background work and waits for it. To be called before the backends are closed. */
  close(): Promise<void>;
}

/** A login that waits for its `answer`. Belongs to one connection, is used once, and ends by itself after 30 s. */
export interface PendingLogin {
  readonly reply: ReplyBody<'login'>;
}

/** What a session is made of after a login or a resume. */
export interface Opened {
  readonly user: UserId;
  readonly name: UserName;
  readonly tokenIssuedAt: number;
  readonly tokenMark: TokenMark;
  /** The reply to `answer` or `resume`. A resume hands back the token it was given: a login lasts 24 h in all. */
  readonly reply: ReplyBody<'answer'>;
}

export interface Accounts {
  register(
    greeting: Greeting,
    address: string,
    body: RequestBody<'register'>,
  ): Promise<ReplyBody<'register'> | Refusal>;
  /** Known and unknown names take the same way and look the same. */
  challenge(greeting: Greeting, address: string, body: RequestBody<'login'>): Promise<PendingLogin | Refusal>;
  answer(greeting: Greeting, pending: PendingLogin, body: RequestBody<'answer'>): Promise<Opened | Refusal>;
  /** Reads no store while the cache of revocations is complete. */
  resume(greeting: Greeting, body: RequestBody<'resume'>): Promise<Opened | Refusal>;
  /**
   * Revokes, then tells every node by a `revoked` notice on the control channel (see isRevoked). When it returns, no
   * node accepts the revoked tokens any more; ending the asking session is left to the gateway.
   */
  logout(
    greeting: Greeting,
    caller: Caller,
    body: RequestBody<'logout'>,
  ): Promise<ReplyBody<'logout'> | Refusal>;
  /**
   * Revokes like a logout everywhere. When it returns, no node accepts tokens of the keys before; the rosters of the
   * user's rooms follow in the background. Ending the asking session is left to the gateway, and so it is with `closeAccount`.
   */
  rotate(
    greeting: Greeting,
    caller: Caller,
    body: RequestBody<'rotate'>,
  ): Promise<ReplyBody<'rotate'> | Refusal>;
  closeAccount(
    greeting: Greeting,
    caller: Caller,
    body: RequestBody<'close-account'>,
  ): Promise<ReplyBody<'close-account'> | Refusal>;
  identity(caller: Caller, body: RequestBody<'identity'>): Promise<ReplyBody<'identity'> | Refusal>;
}

/** One room of an `enter`. */
export type EnteredRoom =
  | { readonly room: RoomId; readonly refusal: Refusal }
  | {
      readonly room: RoomId;
      readonly view: RoomView;
      readonly info: RoomInfo;
    };

/**
 * Roster changes are durable, hold at the room's clock and were published (room channel, then control channel) before
 * they are answered; a publish that failed goes on in the background.
 */
export interface Rooms {
  create(caller: Caller, body: RequestBody<'create'>): Promise<ReplyBody<'create'> | Refusal>;
  join(caller: Caller, body: RequestBody<'join'>): Promise<ReplyBody<'join'> | Refusal>;
  /** After it returned, no message gets a position with a copy for the one who left. */
  leave(caller: Caller, body: RequestBody<'leave'>): Promise<ReplyBody<'leave'> | Refusal>;
  rename(caller: Caller, body: RequestBody<'rename'>): Promise<ReplyBody<'rename'> | Refusal>;
  update(caller: Caller, body: RequestBody<'update'>): Promise<ReplyBody<'update'> | Refusal>;
  /** After it returned, no message gets a position. The copies are purged in the background, if need be by other nodes. */
  delete(caller: Caller, body: RequestBody<'delete'>): Promise<ReplyBody<'delete'> | Refusal>;
  /** As leave(), for somebody else. */
  kick(caller: Caller, body: RequestBody<'kick'>): Promise<ReplyBody<'kick'> | Refusal>;
  /** As kick(); and after it returned, the user is a member on no node, whatever joins were under way. */
  ban(caller: Caller, body: RequestBody<'ban'>): Promise<ReplyBody<'ban'> | Refusal>;
  unban(caller: Caller, body: RequestBody<'unban'>): Promise<ReplyBody<'unban'> | Refusal>;
  bans(caller: Caller, body: RequestBody<'bans'>): Promise<ReplyBody<'bans'> | Refusal>;
  grant(caller: Caller, body: RequestBody<'grant'>): Promise<ReplyBody<'grant'> | Refusal>;
  revoke(caller: Caller, body: RequestBody<'revoke'>): Promise<ReplyBody<'revoke'> | Refusal>;
  lookup(caller: Caller, body: RequestBody<'lookup'>): Promise<ReplyBody<'lookup'> | Refusal>;
  /** The request `rooms`. */
  list(caller: Caller, body: RequestBody<'rooms'>): Promise<ReplyBody<'rooms'> | Refusal>;
  mine(caller: Caller, body: RequestBody<'mine'>): Promise<ReplyBody<'mine'> | Refusal>;
  members(caller: Caller, body: RequestBody<'members'>): Promise<ReplyBody<'members'> | Refusal>;
  /**
   * Same order as asked. To be called when this node is subscribed to the rooms' channels: whatever gets a position above
   * `info.head` is published after that.
   */
  enter(caller: Caller, rooms: readonly RoomId[]): Promise<readonly EnteredRoom[]>;
  /** Who is online, as encodePresence() has it, at this version of the room's presence or a later one. */
  presence(room: RoomId, version: number): Promise<Uint8Array>;
  /** The rooms as every roster change that was answered left them; undefined for one that is gone. Same order as asked. */
  current(rooms: readonly RoomId[]): Promise<readonly (RoomView | undefined)[]>;
}

export interface Posting {
  /** Answered when the message is stored and one publish was tried. Sends of one session to one room keep their order. */
  send(caller: Caller, body: RequestBody<'send'>): Promise<ReplyBody<'send'> | Refusal>;
  /** Forgets what is kept per session. Sends under way are finished. */
  sessionEnded(session: string): void;
  /** What fan-out sees: positions delivered, versions and floors in notices. Protects against a clock that went back. */
  noteSeen(room: RoomId, seen: Partial<ClockSeen>): void;
  /** Highest position, version and floor that this node knows of; zeros for a room it does not know. */
  seen(room: RoomId): ClockSeen;
  /**
   * The relay was away: its clocks may be lost or behind. From this call on, the first use of any room raises its clock
   * from its record before it posts; for these rooms it is done at once. Never throws: what fails now is done by the
   * room's next use.
   */
  recover(rooms: readonly RoomId[]): Promise<void>;
}

export interface History {
  /**
   * Messages in ascending order of position, whichever way the page goes. Forwards, `through` is the last position that
   * the page speaks for; backwards the first. `more`: there are positions beyond it.
   */
  page(caller: Caller, body: RequestBody<'history'>): Promise<ReplyBody<'history'> | Refusal>;
}

export interface PresenceFeed {
  /**
   * Takes what a presence step changed (steps without a change are skipped), gathers 250 ms of a room into one
   * `presence` notice and publishes it. Changes that no call of this node caused come in by themselves.
   */
  note(changes: readonly PresenceChange[]): void;
}
