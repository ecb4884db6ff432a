import { NOTIFY_DEFAULT, type NotifyLevel } from '../../../src/protocol/layouts/user-state.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeText } from '../../texts/message-life.ts';
import { texts } from '../../texts/texts.ts';
import type { PickerItem } from '../model/dialog.ts';
import { activeRoom, orderWith, roomOf } from '../model/model.ts';
import { lifeIn } from '../model/room-model.ts';
import { takeSettings } from '../settings-watch.ts';
import { showBackup } from './backup-commands.ts';
import { type CommandContext, requireServer, shownRoom } from './command-context.ts';
import { aboutOf, type CommandCall, commandNames, commandOf, usageOf } from './command-table.ts';
import { linkDevice } from './link-command.ts';

type ClientCall = Extract<
  CommandCall,
  { readonly name: 'help' | 'move' | 'notify' | 'disappear' | 'backup' | 'link' | 'sync' | 'reconnect' }
>;

/** What concerns the client and the account as a whole. */
export async function runClientCommand(context: CommandContext, call: ClientCall): Promise<void> {
  switch (call.name) {
    case 'help':
      return showHelp(context, call.topic);
    case 'move':
      return moveRoom(context, call.place);
    case 'notify':
      return setNotify(context, call.level);
    case 'disappear':
      return call.whose === 'room' ? setRoomLife(context, call.life) : setDisappearing(context, call.life);
    case 'backup':
      return showBackup(context, call.act);
    case 'link':
      return linkDevice(context);
    case 'sync':
      return showSync(context);
    case 'reconnect':
      return reconnect(context);
    default:
      return call satisfies never;
  }
}

/** Everything that commands and the face can do, to search in. A chosen command goes into the input, if nothing is typed there. */
export async function showHelp(context: CommandContext, topic: string | undefined): Promise<void> {
  const { dialogs, face, store } = context;
  const chosen = await dialogs.pick({
    title: chatTexts.client.help,
    items: [...commandNames.map(helpItem), ...face.help],
    nothing: chatTexts.client.no_help,
    query: topic,
  });
  const typed = activeRoom(store.model)?.draft ?? store.model.lobbyDraft;
  if (chosen?.startsWith(COMMAND) === true && typed === '') context.write(`${chosen} `);
}

/** What begins the id of a command in the help: actions of the face may have the same names. */
const COMMAND = '/';

function helpItem(name: (typeof commandNames)[number]): PickerItem {
  const { who } = commandOf(name);
  const about = aboutOf(name);
  const isForAll = who === 'anyone' || who === 'member';
  const detail = isForAll ? about : chatTexts.client.role(about, texts.words.role[who]);
  return { id: COMMAND + name, label: usageOf(name), detail };
}

/** Of which messages of the room that is shown the face tells, on all devices of the user. */
async function setNotify(context: CommandContext, wanted: NotifyLevel | undefined): Promise<void> {
  const { client, notices, store } = context;
  const { id, name } = shownRoom(context).room;
  if (wanted !== undefined) takeSettings(store, await client.userState.setLevel(id, wanted));
  const level = wanted ?? roomOf(store.model, id)?.notify ?? NOTIFY_DEFAULT;
  notices.say(chatTexts.client.notify[level](name));
}

/** Whether what the user writes in the room that is shown disappears, and when. 0: it does not. */
async function setDisappearing(context: CommandContext, wanted: number | undefined): Promise<void> {
  const { notices, rooms, store } = context;
  const { id, name } = shownRoom(context).room;
  if (wanted !== undefined) await rooms.setDisappearing(id, wanted === 0 ? undefined : wanted);
  const room = roomOf(store.model, id);
  const seconds = room === undefined ? undefined : lifeIn(room);
  const said = chatTexts.client.disappear;
  if (seconds === undefined) notices.say(said.off(name));
  else if (seconds === room?.settings.life) notices.say(said.room_on(name, lifeText(seconds)));
  else notices.say(said.on(name, lifeText(seconds)));
}

/** The owner's: whether what anybody writes in the room that is shown disappears, and when. 0: it does not. */
async function setRoomLife(context: CommandContext, wanted: number | undefined): Promise<void> {
  const { notices } = context;
  const { room } = shownRoom(context);
  if (wanted !== undefined) {
    requireServer(context, '/disappear');
    await room.setLife(wanted);
  }
  const said = chatTexts.client.disappear;
  const { life, name } = room;
  notices.say(life === 0 ? said.room_off(name) : said.room_on(name, lifeText(life)));
}

/** Puts the room that is shown at a place of the list, counted from 1, or all rooms in the order of their names. */
async function moveRoom(context: CommandContext, place: number | undefined): Promise<void> {
  const { client, notices, store } = context;
  const { id, name } = shownRoom(context).room;
  const order = place === undefined ? [] : orderWith(store.model, id, place - 1);
  takeSettings(store, await client.userState.setOrder(order));
  const now = store.model.rooms.findIndex((room) => room.id === id) + 1;
  notices.say(place === undefined ? chatTexts.client.rooms_by_name : chatTexts.client.room_moved(name, now));
}

/** Whether the settings are on the server as they are here. What does not open there is replaced only as the user was told of it. */
async function showSync({ client, dialogs, notices }: CommandContext): Promise<void> {
  const { about, kept, replace, replaced, title, why } = chatTexts.client.sync;
  const found = await client.userState.standing();
  if (found.kind === 'kept') {
    notices.say(kept);
    return;
  }
  if (!(await dialogs.confirm(title, [why[found.kind], about], replace))) return;
  const now = await client.userState.replace(found.version);
  if (now.kind === 'kept') notices.say(replaced);
  else notices.say(why[now.kind], 'warning');
}

/** Tries at once to connect, in place of waiting for the next attempt. */
export function reconnect({ client, notices }: CommandContext): void {
  if (client.status.state === 'online') notices.say(chatTexts.client.connected);
  client.retryNow();
}
