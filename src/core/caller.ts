import type { UserId } from '../protocol/ids.ts';
import type { UserName } from '../protocol/names.ts';
import type { Origin } from '../protocol/origin.ts';
import type { ReplyBody } from '../protocol/requests.ts';

/** Both sides of a connection after `hello`: what logins, resumes and fresh signatures are bound to. */
export interface Greeting {
  /** What the client says it dialled, and one of this gateway's public addresses. */
  readonly origin: Origin;
  readonly clientNonce: Uint8Array;
  readonly serverNonce: Uint8Array;
}

/** Names one resume token: revoked by it, only this token dies. Shaped like a user id, and never one. */
export type TokenId = UserId;

/** Who asks: one open session of this node. */
export interface Caller {
  readonly user: UserId;
  readonly name: UserName;
  /** Unique among all sessions of all nodes. */
  readonly session: string;
  /** Where the client connects from, as limits count it (IPv6 as its /64). */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly tokenIssuedAt: number;
  readonly tokenId: TokenId;
}

/** True when a `revoked` notice about `user` ends this session: it names the session's user or its token. */
export function isRevoked(
  session: Pick<Caller, 'user' | 'tokenIssuedAt' | 'tokenId'>,
  revoked: { readonly user: UserId; readonly notBefore: number },
): boolean {
  if (revoked.user !== session.user && revoked.user !== session.tokenId) return false;
  return session.tokenIssuedAt < revoked.notBefore;
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
  readonly tokenId: TokenId;
  /** The reply to `answer` or `resume`. A resume hands back the token it was given: a login lasts 24 h in all. */
  readonly reply: ReplyBody<'answer'>;
}
