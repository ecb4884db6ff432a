import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import type { PickerItem } from '../model/dialog.ts';
import { activeRoom, withRoom } from '../model/model.ts';
import type { NotifyLevel } from '../model/room-model.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { aboutOf, commandNames, commandOf, usageOf } from './command-table.ts';

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

/** Of which messages of the room that is shown the face tells; kept in the profile. */
export async function setNotify(context: CommandContext, wanted: NotifyLevel | undefined): Promise<void> {
  const { memory, notices, store } = context;
  const { id, name } = shownRoom(context).room;
  if (wanted !== undefined) {
    await memory.putNotify(id, wanted);
    store.change((model) => withRoom(model, id, (room) => ({ ...room, notify: wanted })));
  }
  const level = store.model.rooms.find((room) => room.id === id)?.notify ?? 'mentions';
  notices.say(chatTexts.client.notify[level](name));
}

/** Tries at once to connect, in place of waiting for the next attempt. */
export function reconnect({ client, notices }: CommandContext): void {
  if (client.status.state === 'online') notices.say(chatTexts.client.connected);
  client.retryNow();
}
