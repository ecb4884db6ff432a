import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { clockTime, isoDay } from '../model/dates.ts';
import type { PickerItem } from '../model/dialog.ts';
import { linksOf } from '../model/links.ts';
import { activeRoom, roomOf } from '../model/model.ts';
import { scrolled } from '../model/room-changes.ts';
import type { CommandContext } from './command-context.ts';

const FOUND_MAX = 200;
const LINKS_MAX = 100;
/** Pages of history that are loaded to show a message in its place. */
const PAGES_MAX = 200;

type Found = Extract<RoomMessage, { readonly type: 'message' }>;

/** Messages with this text among those that were read here; the one that is chosen is shown in its place. */
export async function searchMessages(context: CommandContext, text: string): Promise<void> {
  const messages = await context.client.search(text, { limit: FOUND_MAX });
  const found = messages.filter((message): message is Found => message.type === 'message');
  const chosen = await context.dialogs.pick({
    title: `“${text}” in what was read here`,
    items: found.map(itemOf),
    nothing: 'nothing like this was read here',
    excerpts: true,
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

async function showMessage({ notices, rooms, store }: CommandContext, { room, seq }: Found): Promise<void> {
  if (!rooms.show(room)) {
    notices.say(`you are not in ${room} any more`);
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
  if (item === undefined) notices.say('the message is not stored any more');
  else store.change((model) => scrolled(model, id, { item, block: 'end', offset: 0 }));
}

/** Lists the links of the room that is shown; the face opens the one that is chosen. */
export async function listLinks(context: CommandContext): Promise<void> {
  const { dialogs, face, store } = context;
  const room = activeRoom(store.model);
  const links = room === undefined ? [] : linksOf(room.timeline, LINKS_MAX);
  const chosen = await dialogs.pick({
    title: 'Links in this room',
    items: links.map(({ url, from, at }) => ({
      id: url,
      label: `${isoDay(at)} ${clockTime(at)} ${from}`,
      detail: url,
    })),
    nothing: 'no link in what is loaded here',
  });
  if (chosen !== undefined) await face.openLink(chosen, context);
}
