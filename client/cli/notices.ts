import type { ConclaveClient } from '../sdk/api.ts';
import type { Notice } from '../sdk/notice.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { lifeChangedText, lifeRefusedText } from '../texts/room-life-text.ts';
import { texts } from '../texts/texts.ts';
import type { Output } from './output.ts';

/** What a person has to know about keys and members goes to standard error, whatever the command is for. Ends with the client. */
export async function printNotices(client: ConclaveClient, output: Output): Promise<void> {
  for await (const notice of client.notices()) {
    const text = noticeText(notice, client);
    if (text !== undefined) output.note(`-- ${text}`);
  }
}

function noticeText(notice: Notice, client: ConclaveClient): string | undefined {
  switch (notice.type) {
    case 'key-rotated':
      return notice.wasVerified
        ? filled(cliTexts.said.verified_key_rotated, { user: notice.user })
        : undefined;
    case 'key-changed':
      return filled(cliTexts.said.key_not_known, { user: notice.user });
    case 'new-recipients':
      return filled(cliTexts.said.in_room, { room: notice.room, said: texts.people.new_recipients(notice) });
    case 'members-differ':
      return filled(cliTexts.said.in_room, { room: notice.room, said: texts.people.members_differ(notice) });
    case 'life-changed':
      return filled(cliTexts.said.in_room, { room: notice.room, said: lifeChangedText(notice) });
    case 'life-refused':
      return filled(cliTexts.said.in_room, { room: notice.room, said: lifeRefusedText(notice) });
    case 'membership-moved':
      return cliTexts.said.membership_moved({ room: notice.room, from: notice.from + 1, to: notice.to });
    case 'people-full':
      return texts.people.people_full(notice);
    case 'backup':
      return texts.people.backup(notice);
    case 'state':
      return texts.people.state(notice);
    case 'held-up':
      if (notice.error !== undefined) return filled(cliTexts.said.held_up, { reason: notice.error.message });
      // Without a connection it is the connection that is waited for.
      return client.status.state === 'online' ? cliTexts.said.goes_on : undefined;
    case 'epoch':
      return filled(cliTexts.said.in_room, {
        room: notice.room,
        said: texts.people.epoch(notice.kind, notice),
      });
    case 'invited': {
      const { from: user, room, fingerprint, kind, trust } = notice.invitation;
      const text = cliTexts.said[kind === 'direct' ? 'direct_waits' : 'invitation_waits'];
      return filled(text, { user, room, fingerprint, trust: texts.words.trust[trust] });
    }
    case 'invitation-unproven':
      return filled(cliTexts.said.invitation_unproven, { user: notice.from, room: notice.room });
    case 'invitation-gone':
    case 'own-room':
      return undefined;
    default:
      return notice satisfies never;
  }
}
