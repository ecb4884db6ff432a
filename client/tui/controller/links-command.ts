import { linksOf } from '../model/links.ts';
import { activeRoom } from '../model/model.ts';
import { clockTime, isoDay } from '../view/dates.ts';
import type { ChatContext } from './chat-context.ts';

const LINKS_MAX = 100;

/** Lists the links of the room that is shown; the one that is chosen is copied, or else shown by itself. */
export async function listLinks({ copy, dialogs, say, store }: ChatContext): Promise<void> {
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
  if (chosen === undefined) return;
  if (copy === undefined) {
    await dialogs.page({
      title: 'Link',
      lines: [chosen, '', 'Set clipboard = true in the config file to copy it by Enter.'],
    });
    return;
  }
  copy(chosen);
  say(`Copied ${chosen}`);
}
