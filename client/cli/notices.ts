import type { ConclaveClient } from '../sdk/api.ts';
import type { Notice } from '../sdk/notice.ts';
import { membersDifferText, newRecipientsText, peopleFullText } from '../texts/member-texts.ts';
import type { Output } from './output.ts';

/** What a person has to know about keys and members goes to standard error, whatever the command is for. Ends with the client. */
export async function printNotices(client: ConclaveClient, output: Output): Promise<void> {
  for await (const notice of client.notices()) {
    const text = noticeText(notice);
    if (text !== undefined) output.note(`-- ${text}`);
  }
}

function noticeText(notice: Notice): string | undefined {
  switch (notice.type) {
    case 'key-rotated':
      return notice.wasVerified
        ? `${notice.user} has a new key, signed by the one you verified: verify it again with conclave verify ${notice.user}`
        : undefined;
    case 'key-changed':
      return `the key of ${notice.user} changed: nothing is sent to ${notice.user} until you compare it and run conclave trust ${notice.user}`;
    case 'new-recipients':
      return `${notice.room}: ${newRecipientsText(notice.users)}`;
    case 'members-differ':
      return `${notice.room}: ${membersDifferText(notice)}`;
    case 'membership-moved':
      return `${notice.room}: the server says that you joined again; messages from ${notice.from + 1} to ${notice.to} may be hidden`;
    case 'people-full':
      return peopleFullText(notice.peopleMax);
    case 'own-room':
      return undefined;
    default:
      return notice satisfies never;
  }
}
