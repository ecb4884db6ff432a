import { withRoom } from '../model/model.ts';
import type { NotifyLevel } from '../model/room-model.ts';
import { type ChatContext, shownRoom } from './chat-context.ts';

const texts: Readonly<Record<NotifyLevel, (room: string) => string>> = {
  all: (room) => `You are told of every message in ${room}.`,
  mentions: (room) => `You are told when somebody in ${room} mentions you.`,
  none: (room) => `${room} is muted: you are told of nothing.`,
};

/** Which messages of the room that is shown ring or are told by the terminal; kept in the profile. */
export async function setNotify(context: ChatContext, wanted: NotifyLevel | undefined): Promise<void> {
  const { memory, say, store } = context;
  const { id, name } = shownRoom(context).room;
  if (wanted !== undefined) {
    await memory.putNotify(id, wanted);
    store.change((model) => withRoom(model, id, (room) => ({ ...room, notify: wanted })));
  }
  const level = store.model.rooms.find((room) => room.id === id)?.notify ?? 'mentions';
  say(texts[level](name));
}
