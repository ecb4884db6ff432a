import type { ConclaveClient, Notice } from '../../sdk/api.ts';
import type { ChatContext } from './chat-context.ts';

/** Follows what concerns the user outside of any one room. Ends with the client. */
export async function watchNotices(client: ConclaveClient, context: ChatContext): Promise<void> {
  for await (const notice of client.notices()) await take(notice, context);
}

async function take(notice: Notice, { report, rooms, say, store }: ChatContext): Promise<void> {
  switch (notice.type) {
    case 'key-rotated':
      if (notice.wasVerified)
        say(
          `${notice.user} has a new key, signed by the old one: verify it again with /verify ${notice.user}`,
          'warning',
        );
      break;
    case 'key-changed':
      say(
        `the key of ${notice.user} changed: nothing is sent where ${notice.user} is until you compare it ` +
          `with /verify ${notice.user}, or accept it with /trust ${notice.user}`,
        'warning',
      );
      break;
    case 'own-room':
      // Another session of the user joined or left; the room's own events say the rest.
      if (notice.kind === 'joined') await rooms.refreshAndOpen().catch(report);
      return;
    default:
      return notice satisfies never;
  }
  for (const { id } of store.model.rooms) rooms.session(id)?.membersChanged();
}
