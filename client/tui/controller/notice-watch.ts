import type { ConclaveClient } from '../../sdk/api.ts';
import type { Notice } from '../../sdk/notice.ts';
import { membersDifferText, newRecipientsText } from '../../terminal/member-texts.ts';
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
    case 'new-recipients':
      say(newRecipientsText(notice.users), 'warning');
      return;
    case 'membership-moved':
      say(
        `the server says that you joined ${notice.room} again: messages from ${notice.from + 1} to ${notice.to} may be hidden`,
        'warning',
      );
      return;
    case 'members-differ':
      say(`${notice.room}: ${membersDifferText(notice)}`, 'warning');
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
