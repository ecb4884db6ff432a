import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import type { PickerItem } from '../model/dialog.ts';
import { withRoom } from '../model/model.ts';
import type { NotifyLevel } from '../model/room-model.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { aboutOf, commandNames, commandOf, usageOf } from './command-table.ts';

/** Everything that commands and the face can do, to search in. */
export async function showHelp({ dialogs, face }: CommandContext, topic: string | undefined): Promise<void> {
  await dialogs.pick({
    title: chatTexts.client.help,
    items: [...commandNames.map(helpItem), ...face.help],
    nothing: chatTexts.client.no_help,
    query: topic,
  });
}

function helpItem(name: (typeof commandNames)[number]): PickerItem {
  const { who } = commandOf(name);
  const about = aboutOf(name);
  const isForAll = who === 'anyone' || who === 'member';
  const detail = isForAll ? about : chatTexts.client.role(about, texts.words.role[who]);
  return { id: name, label: usageOf(name), detail };
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
