import { type ErrorName, errorCodes } from './codes.ts';
import { ownEpoch, roomId } from './entities.ts';
import { map, optional, type Parsed, text, uint } from './shape.ts';

/** The body of an error reply `[1, id, body]`. `message` is for people, in English; programs go by `code`. */
export const errorReply = map({
  code: uint(),
  message: text(512),
  retryAfterMs: optional(uint()),
  /** With stale_roster: the roster's version now. */
  version: optional(uint()),
  /** With already_a_member: which room it is. */
  room: optional(roomId),
  /** With the conflict of two epochs: the one that is stored. */
  epoch: optional(ownEpoch),
});

type ErrorReply = Parsed<typeof errorReply>;

/** A refusal is a value that use cases return; it becomes an error reply at the edge. */
export type Refusal = { readonly refused: ErrorName } & Omit<Partial<ErrorReply>, 'code'>;

export function refuse(refused: ErrorName, details: Omit<Refusal, 'refused'> = {}): Refusal {
  return { refused, ...details };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export function errorReplyOf(refusal: Refusal): ErrorReply {
  const { refused, ...details } = refusal;
  return {
    ...details,
    code: errorCodes[refused].code,
    message: refusal.message ?? errorCodes[refused].meaning,
  };
}
