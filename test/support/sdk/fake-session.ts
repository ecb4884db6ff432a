import type { WebSocket } from 'ws';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Refusal } from '../../../src/protocol/error-reply.ts';
import type { EventBody, EventName } from '../../../src/protocol/events.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { FoldedName, UserName } from '../../../src/protocol/names.ts';
import type { ReplyBody, RequestName } from '../../../src/protocol/requests.ts';
import type { FakeMessage, FakeRoom } from './fake-room.ts';

export interface FakeSession {
  readonly socket: WebSocket;
  nonces: { readonly client: Uint8Array; readonly server: Uint8Array } | undefined;
  logging: FoldedName | undefined;
  user: UserId | undefined;
  token: string | undefined;
  readonly entered: Set<RoomId>;
}

/** What a session is refused with that is to be resumed after its end. */
export type Revoked = 'auth_failed' | 'keys_replaced';

export interface FakeUser {
  readonly id: UserId;
  readonly name: UserName;
  readonly chain: SignedIdentity[];
}

export type Answer =
  | { [Name in RequestName]: { readonly name: Name; readonly body: ReplyBody<Name> } }[RequestName]
  | Refusal;

/** What a fake server has for all of its sessions. */
export interface FakeWorld {
  readonly users: ReadonlyMap<UserId, FakeUser>;
  readonly rooms: Map<RoomId, FakeRoom>;
  readonly sessions: ReadonlySet<FakeSession>;
  readonly prekeys: Map<UserId, readonly Uint8Array[]>;
  /** Whether a session hears of new epochs. */
  tellsEpochs(session: FakeSession): boolean;
  /** Whether a message is delivered live at all. */
  delivers(message: FakeMessage): boolean;
  deliver(room: FakeRoom, message: FakeMessage): void;
  emit<Name extends Exclude<EventName, 'deliver'>>(room: RoomId, name: Name, body: EventBody<Name>): void;
  /** After the answer under way; `token`: of this login alone. */
  endSessions(
    user: UserId,
    end: { readonly close: number; readonly resume: Revoked; readonly token?: string },
  ): void;
}
