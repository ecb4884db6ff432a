import type { ConclaveClient } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { Bindings } from '../keys/key-map.ts';
import type { Tone } from '../model/entry.ts';
import { activeRoom } from '../model/model.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { Dialogs } from './dialogs.ts';
import type { OpenRooms } from './open-rooms.ts';
import type { RoomSession } from './room-session.ts';
import type { Store } from './store.ts';

/** What commands work with. */
export interface ChatContext {
  readonly client: ConclaveClient;
  readonly store: Store;
  readonly rooms: OpenRooms;
  readonly dialogs: Dialogs;
  readonly memory: ChatMemory;
  /** The keys as they are bound. */
  readonly bindings: Bindings;
  /** One line above the input. */
  say(text: string, tone?: Tone): void;
  /** Says what went wrong; what is no refusal is a bug and ends the client. */
  report(error: unknown): void;
  /** Ends the client, after a question when something would be lost. */
  quit(): Promise<void>;
}

/** The room that is shown. Rejects with what to do when there is none. */
export function shownRoom({ rooms, store }: ChatContext): RoomSession {
  const session = rooms.active;
  const room = activeRoom(store.model);
  if (session === undefined && room !== undefined)
    throw new ConclaveError(
      'usage',
      room.gone ? `you are not in ${room.name} any more` : `${room.name} is not open yet`,
    );
  if (session === undefined)
    throw new ConclaveError('usage', 'you are in no room: /rooms lists them, /join NAME goes in');
  return session;
}
