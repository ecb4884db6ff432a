import type { ConclaveClient } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Face } from '../face.ts';
import type { Transfers } from '../files/transfers.ts';
import { activeRoom } from '../model/model.ts';
import type { Notices } from '../notices.ts';
import type { OpenRooms } from '../rooms/open-rooms.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import type { Selection } from '../rooms/selection.ts';
import type { Store } from '../store.ts';

/** What commands work with. */
export interface CommandContext {
  readonly client: ConclaveClient;
  readonly store: Store;
  readonly rooms: OpenRooms;
  readonly selection: Selection;
  readonly dialogs: Pick<Dialogs, 'asked' | 'prompt' | 'confirm' | 'pick' | 'page' | 'wait'>;
  readonly notices: Pick<Notices, 'say' | 'refuse'>;
  readonly transfers: Transfers;
  readonly face: Face;
  /** Whether the one who asks knows the passphrase of this account, if it has one; asks for it. */
  isOwner(about: readonly string[]): Promise<boolean>;
  /** Puts a text into the input, in place of what is typed there. */
  write(text: string): void;
  /** Shows the room of this name, if the user is in it. */
  show(room: string): void;
  /** Ends the client, after a question when something would be lost. */
  quit(): Promise<void>;
}

/** The room that is shown. Rejects with what to do when there is none. */
export function shownRoom({ rooms, store }: CommandContext): RoomSession {
  const session = rooms.active;
  const room = activeRoom(store.model);
  if (session === undefined && room?.kept === true)
    throw new ConclaveError('no_connection', chatTexts.rooms.only_kept(room.name));
  if (session === undefined && room !== undefined)
    throw new ConclaveError(
      'usage',
      room.gone
        ? chatTexts.rooms.no_longer_in(room.name)
        : (room.fault ?? chatTexts.rooms.not_open_yet(room.name)),
    );
  if (session === undefined) throw new ConclaveError('usage', chatTexts.rooms.no_room);
  return session;
}

/** Rejects at once while there is no connection: a person who waits for an answer has no use for a queue. */
export function requireServer({ client }: CommandContext, what: string): void {
  if (client.status.state === 'online') return;
  throw new ConclaveError('no_connection', chatTexts.input.not_connected(what));
}
