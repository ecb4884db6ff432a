import type { UserName } from '../../src/protocol/names.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import type { Notice } from '../sdk/notice.ts';
import { chatTexts } from '../texts/chat-texts.ts';
import { lifeChangedText, lifeRefusedText } from '../texts/room-life-text.ts';
import { texts } from '../texts/texts.ts';
import { withInvitation, withoutInvitation } from './model/model.ts';
import { happened } from './model/room-changes.ts';
import type { Notices } from './notices.ts';
import { invitationText } from './rooms/invitations.ts';
import type { OpenRooms } from './rooms/open-rooms.ts';
import type { Store } from './store.ts';

interface Watching {
  readonly store: Store;
  readonly rooms: OpenRooms;
  readonly notices: Notices;
}

/** Follows what concerns the user outside of any one room. Ends with the client. */
export async function watchNotices(client: ConclaveClient, watching: Watching): Promise<void> {
  for await (const notice of client.notices()) await take(notice, watching);
}

async function take(notice: Notice, watching: Watching): Promise<void> {
  const { notices, rooms, store } = watching;
  switch (notice.type) {
    case 'key-rotated':
      if (notice.wasVerified) warnOfPerson(watching, notice.user, chatTexts.notices.rotated(notice.user));
      break;
    case 'key-changed':
      notices.warn(chatTexts.notices.key_changed(notice.user));
      break;
    case 'new-recipients':
      notices.warn(texts.people.new_recipients(notice));
      return;
    case 'membership-moved':
      notices.warn(chatTexts.notices.membership_moved(notice.room, notice.from + 1, notice.to));
      return;
    case 'members-differ':
      notices.warn(chatTexts.notices.in_room(notice.room, texts.people.members_differ(notice)));
      break;
    case 'life-changed':
      notices.say(chatTexts.notices.in_room(notice.room, lifeChangedText(notice)));
      lifeMayDiffer(rooms, store);
      return;
    case 'life-refused':
      notices.warn(chatTexts.notices.in_room(notice.room, lifeRefusedText(notice)));
      return;
    case 'people-full':
      notices.warn(texts.people.people_full(notice));
      return;
    case 'backup':
      notices.warn(texts.people.backup(notice));
      return;
    case 'state':
      notices.warn(texts.people.state(notice));
      return;
    case 'epoch':
      notices.warn(chatTexts.notices.in_room(notice.room, texts.people.epoch(notice.kind, notice)));
      return;
    case 'held-up':
      store.change((model) => ({ ...model, heldUp: notice.error?.message }));
      return;
    case 'invited':
      store.change((model) => withInvitation(model, notice.invitation));
      notices.warn(invitationText(notice.invitation));
      return;
    case 'invitation-gone':
      store.change((model) => withoutInvitation(model, notice.id));
      return;
    case 'invitation-unproven':
      notices.warn(chatTexts.contacts.unproven(notice.from, notice.room));
      return;
    case 'own-room':
      // Another session of the user joined or left; the room's own events say the rest.
      if (notice.kind === 'joined')
        await rooms.refreshAndOpen().catch((error: unknown) => notices.report(error));
      return;
    default:
      return notice satisfies never;
  }
  for (const { id } of store.model.rooms) rooms.session(id)?.membersChanged();
}

/** It was found before anybody followed the room. */
function lifeMayDiffer(rooms: OpenRooms, store: Store): void {
  for (const { id } of store.model.rooms) rooms.session(id)?.factsChanged();
}

/** Also in the timeline of each room that is shared with the person: what is said beside it is gone soon. */
function warnOfPerson({ store, notices }: Watching, user: UserName, text: string): void {
  notices.warn(text);
  for (const { id, members = [] } of store.model.rooms)
    if (members.some((member) => member.user === user))
      store.change((model) => happened(model, id, text, 'warning'));
}
