import { randomBytes } from 'node:crypto';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { PresenceChange } from '../../src/ports/presence.ts';
import {
  type MessageId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';

/** Two started nodes that share one backing service. */
export interface RelayPair extends AsyncDisposable {
  readonly a: RelayBackend;
  readonly b: RelayBackend;
}

/** Opens nodes that share nothing with those of other calls. Disposing closes both; closing one twice is harmless. */
export type OpenRelayPair = () => Promise<RelayPair>;

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('random bytes are an id');
  return value;
}

export const newRoom = (): RoomId => must(parseRoomId(randomBytes(16)));
export const newUser = (): UserId => must(parseUserId(randomBytes(16)));
export const newMessageId = (): MessageId => must(parseMessageId(randomBytes(16)));

/** Collects what onChange tells, flat and in order. */
export function recordChanges(node: RelayBackend): PresenceChange[] {
  const seen: PresenceChange[] = [];
  node.presence.onChange((changes) => seen.push(...changes));
  return seen;
}
