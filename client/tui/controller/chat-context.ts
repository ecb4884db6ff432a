import type { ConclaveClient } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { Bindings } from '../keys/key-map.ts';
import type { Tone } from '../model/entry.ts';
import { activeRoom } from '../model/model.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { Dialogs } from './dialogs.ts';
import type { InputHistories } from './input-histories.ts';
import type { OpenRooms } from './open-rooms.ts';
import type { RoomSession } from './room-session.ts';
import type { Store } from './store.ts';

/** What commands work with. */
export interface ChatContext {
  readonly client: ConclaveClient;
  readonly store: Store;
  readonly rooms: OpenRooms;
  readonly dialogs: Pick<Dialogs, 'asked' | 'prompt' | 'confirm' | 'pick' | 'page'>;
  readonly memory: ChatMemory;
  readonly histories: InputHistories;
  /** The keys as they are bound. */
  readonly bindings: Bindings;
  /** Above the input, until something is typed. */
  say(text: string, tone?: Tone): void;
  /** Above the input, until somebody puts it away or WARNING_MS have passed. */
  warn(text: string): void;
  /** Says what went wrong, until the next Enter; what is no refusal is a bug and ends the client. */
  report(error: unknown): void;
  /** Puts a text on the clipboard; undefined: the person did not allow it. */
  readonly copy: ((text: string) => void) | undefined;
  /** Shows the room of this name, if the user is in it. */
  show(room: string): void;
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

/** Rejects at once while there is no connection: a person who waits for an answer has no use for a queue. */
export function requireServer({ client }: ChatContext, what: string): void {
  if (client.status.state === 'online') return;
  throw new ConclaveError(
    'no_connection',
    `Not connected, so ${what} can't run now. F5 or /reconnect tries again.`,
  );
}
