import { ConclaveError } from '../../sdk/errors.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { applied } from '../../sdk/rooms/timeline.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { clockTime, isoDay } from '../model/dates.ts';
import type { PickerItem } from '../model/dialog.ts';
import { isIgnored, type MessageEntry, refKey, removedText, saysSomething } from '../model/entry.ts';
import { addressesIn, linksOf } from '../model/links.ts';
import { activeRoom, roomOf } from '../model/model.ts';
import { scrolled } from '../model/room-changes.ts';
import { selectedMessage } from '../model/selection.ts';
import { loadDownTo } from '../rooms/load-down-to.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import type { CommandCall } from './command-table.ts';

const { messages: messageTexts } = chatTexts;
const FOUND_MAX = 200;
const LINKS_MAX = 100;
const REMOVED_SHOWN_MAX = 50;

type Found = Extract<RoomMessage, { readonly type: 'message' }>;

type ReadingCall = Extract<CommandCall, { readonly name: 'search' | 'links' | 'removed' | 'earlier' }>;

/** What is looked up in messages. */
export async function runReadingCommand(context: CommandContext, call: ReadingCall): Promise<void> {
  switch (call.name) {
    case 'search':
      return searchMessages(context, call.text);
    case 'links':
      return listLinks(context);
    case 'removed':
      return showRemoved(context);
    case 'earlier':
      return showEarlier(context);
    default:
      return call satisfies never;
  }
}

/** Messages with this text among those that were read here; the one that is chosen is shown in its place. */
async function searchMessages(context: CommandContext, text: string): Promise<void> {
  const messages = await context.client.search(text, { limit: FOUND_MAX });
  const found = messages.filter((message): message is Found => message.type === 'message');
  const chosen = await context.dialogs.pick({
    title: messageTexts.found(text),
    items: found.map(itemOf),
    nothing: messageTexts.nothing_found,
    excerpts: true,
  });
  const message = found.find((each) => itemOf(each).id === chosen);
  if (message !== undefined) await showMessage(context, message);
}

function itemOf(found: Found): PickerItem {
  const { room, from, at, text = '' } = found;
  return {
    id: refKey(found),
    label: messageTexts.found_at(room, isoDay(at), clockTime(at)),
    detail: messageTexts.found_text(from, text),
  };
}

async function showMessage({ notices, rooms, store }: CommandContext, { room, seq }: Found): Promise<void> {
  if (!rooms.show(room)) {
    notices.say(chatTexts.rooms.no_longer_in(room));
    return;
  }
  const session = rooms.active;
  if (session === undefined) return;
  const { id } = session.room;
  await loadDownTo(store, session, () => (roomOf(store.model, id)?.timeline.from ?? 0) < seq);
  const item = roomOf(store.model, id)?.timeline.entries.find(
    (entry) => entry.kind === 'message' && entry.seq === seq,
  );
  if (item === undefined) notices.say(messageTexts.not_stored);
  else store.change((model) => scrolled(model, id, { item, block: 'end', offset: 0 }));
}

/** The one link of a message, or the one that is chosen of several. */
async function openLinkOf(context: CommandContext, { from, at, text }: MessageEntry): Promise<void> {
  const urls = [...new Set(addressesIn(text).map(({ url }) => url))];
  const [first] = urls;
  if (first === undefined) throw new ConclaveError('usage', messageTexts.no_links_in_it);
  const items = urls.map((url) => ({
    id: url,
    label: messageTexts.link_at(isoDay(at), clockTime(at), from),
    detail: url,
  }));
  const one = urls.length === 1 ? first : undefined;
  const chosen =
    one ?? (await context.dialogs.pick({ title: messageTexts.links, items, nothing: messageTexts.no_links }));
  if (chosen !== undefined) await context.face.openLink(chosen, context);
}

/** Lists the links of the selected message, or of the room that is shown; the face opens the one that is chosen. */
export async function listLinks(context: CommandContext): Promise<void> {
  const { dialogs, face, store } = context;
  const room = activeRoom(store.model);
  const message = selectedMessage(room);
  if (message !== undefined) return openLinkOf(context, message);
  const links = room === undefined ? [] : linksOf(room.timeline, LINKS_MAX);
  const chosen = await dialogs.pick({
    title: messageTexts.links,
    items: links.map(({ url, from, at }) => ({
      id: url,
      label: messageTexts.link_at(isoDay(at), clockTime(at), from),
      detail: url,
    })),
    nothing: messageTexts.no_links,
  });
  if (chosen !== undefined) await face.openLink(chosen, context);
}

/** What an edited message said, oldest first: an edit hides nothing that its readers had. */
export async function showEarlier(context: CommandContext): Promise<void> {
  const { dialogs, store } = context;
  const room = roomOf(store.model, shownRoom(context).room.id);
  const selected = selectedMessage(room);
  if (selected !== undefined && !selected.edited) throw new ConclaveError('usage', messageTexts.not_edited);
  const { ignored } = store.model;
  const entry =
    selected ??
    room?.timeline.entries.findLast(
      (each) => each.kind === 'message' && each.edited && !isIgnored(each.from, ignored),
    );
  if (entry?.kind !== 'message') throw new ConclaveError('usage', messageTexts.none_edited);
  const { former } = applied(entry.message, room?.timeline.actions.get(entry.id) ?? []);
  const said = former.map(({ text = '' }) => (text === '' ? messageTexts.earlier_empty : text));
  const lines = said.flatMap((text, at) => [...(at === 0 ? [] : ['']), ...text.split('\n')]);
  await dialogs.page({ title: messageTexts.earlier(entry.from), lines });
}

/** Readers decide for themselves whether it had to go. */
async function showRemoved(context: CommandContext): Promise<void> {
  const { dialogs, notices, store } = context;
  const { room } = shownRoom(context);
  const entries = roomOf(store.model, room.id)?.timeline.entries ?? [];
  const removed = entries.flatMap((entry) => {
    if (entry.kind !== 'message' || entry.removed === undefined || !saysSomething(entry)) return [];
    const said = messageTexts.removed_at(clockTime(entry.at), entry.from, removedText(entry.removed));
    return [said, `  ${entry.text}`];
  });
  if (removed.length === 0) notices.say(messageTexts.none_removed(room.name));
  else
    await dialogs.page({
      title: messageTexts.removed_in(room.name),
      lines: removed.slice(-2 * REMOVED_SHOWN_MAX),
    });
}
