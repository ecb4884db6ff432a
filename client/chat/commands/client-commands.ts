import type { PickerItem } from '../model/dialog.ts';
import { withRoom } from '../model/model.ts';
import type { NotifyLevel } from '../model/room-model.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { commandNames, commandOf, usageOf } from './command-table.ts';

/** Everything that commands and the face can do, to search in. */
export async function showHelp({ dialogs, face }: CommandContext, topic: string | undefined): Promise<void> {
  await dialogs.pick({
    title: 'Help: type to search',
    items: [...commandNames.map(helpItem), ...face.help],
    nothing: 'nothing is called like this',
    query: topic,
  });
}

function helpItem(name: (typeof commandNames)[number]): PickerItem {
  const { about, who } = commandOf(name);
  const detail = who === 'anyone' || who === 'member' ? about : `${about} (${who})`;
  return { id: name, label: usageOf(name), detail };
}

const levelTexts: Readonly<Record<NotifyLevel, (room: string) => string>> = {
  all: (room) => `You are told of every message in ${room}.`,
  mentions: (room) => `You are told when somebody in ${room} mentions you.`,
  none: (room) => `${room} is muted: you are told of nothing.`,
};

/** Of which messages of the room that is shown the face tells; kept in the profile. */
export async function setNotify(context: CommandContext, wanted: NotifyLevel | undefined): Promise<void> {
  const { memory, notices, store } = context;
  const { id, name } = shownRoom(context).room;
  if (wanted !== undefined) {
    await memory.putNotify(id, wanted);
    store.change((model) => withRoom(model, id, (room) => ({ ...room, notify: wanted })));
  }
  const level = store.model.rooms.find((room) => room.id === id)?.notify ?? 'mentions';
  notices.say(levelTexts[level](name));
}

/** Tries at once to connect, in place of waiting for the next attempt. */
export function reconnect({ client, notices }: CommandContext): void {
  if (client.status.state === 'online') notices.say('connected already');
  client.retryNow();
}
