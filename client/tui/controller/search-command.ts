import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import type { PickerItem } from '../model/dialog.ts';
import { roomOf } from '../model/model.ts';
import { scrolled } from '../model/room-changes.ts';
import { clockTime, isoDay } from '../view/dates.ts';
import type { ChatContext } from './chat-context.ts';

const FOUND_MAX = 200;
/** Rows of the list that one message takes at most. */
const FOUND_ROWS_MAX = 3;
/** Pages of history that are loaded to show a message in its place. */
const PAGES_MAX = 200;

type Found = Extract<RoomMessage, { readonly type: 'message' }>;

/** Messages with this text among those that were read here; the one that is chosen is shown in its place. */
export async function searchMessages(context: ChatContext, text: string): Promise<void> {
  const messages = await context.client.search(text, { limit: FOUND_MAX });
  const found = messages.filter((message): message is Found => message.type === 'message');
  const chosen = await context.dialogs.pick({
    title: `“${text}” in what was read here`,
    items: found.map(itemOf),
    nothing: 'nothing like this was read here',
    rowsMax: FOUND_ROWS_MAX,
  });
  const message = found.find((each) => itemOf(each).id === chosen);
  if (message !== undefined) await showMessage(context, message);
}

function itemOf({ room, seq, from, at, text = '' }: Found): PickerItem {
  return {
    id: `${room}/${seq}`,
    label: `${room} ${isoDay(at)} ${clockTime(at)}`,
    detail: `${from}: ${text}`,
  };
}

async function showMessage({ rooms, say, store }: ChatContext, { room, seq }: Found): Promise<void> {
  if (!rooms.show(room)) {
    say(`you are not in ${room} any more`);
    return;
  }
  const session = rooms.active;
  if (session === undefined) return;
  const { id } = session.room;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const timeline = roomOf(store.model, id)?.timeline;
    if (timeline === undefined || timeline.from < seq || timeline.complete) break;
    await session.history.loadOlder();
    if (roomOf(store.model, id)?.timeline.from === timeline.from) break;
  }
  const item = roomOf(store.model, id)?.timeline.entries.find(
    (entry) => entry.kind === 'message' && entry.seq === seq,
  );
  if (item === undefined) say('the message is not stored any more');
  else store.change((model) => scrolled(model, id, { item, rowsBelow: 0 }));
}
