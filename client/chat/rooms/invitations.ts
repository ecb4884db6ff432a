import type { RoomId } from '../../../src/protocol/ids.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { type RoomInvitation, waitingIfOffered } from '../../sdk/contacts/invitation.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { withInvitation, withoutInvitation } from '../model/model.ts';
import type { Notices } from '../notices.ts';
import type { Store } from '../store.ts';

const { contacts, people } = chatTexts;

/** One line: who, where to, and by which key. */
export function invitationText({ kind, from, room, trust, fingerprint }: RoomInvitation): string {
  const key = contacts.key(people.trust[trust], fingerprint);
  return contacts[kind === 'direct' ? 'writes' : 'invited'](from, room, key);
}

/** What waits now, in the model too. */
export async function loadInvitations(
  client: ConclaveClient,
  store: Store,
): Promise<readonly RoomInvitation[]> {
  const invitations = await waitingIfOffered(client.contacts);
  store.change((model) => ({ ...model, invitations }));
  return invitations;
}

interface AcceptParts {
  readonly client: ConclaveClient;
  readonly notices: Pick<Notices, 'refuse'>;
  readonly store: Store;
}

/** Somebody who writes in a direct room has accepted it. */
export function acceptByWriting({ client, notices, store }: AcceptParts, room: RoomId): void {
  const invitation = store.model.invitations.find(({ id }) => id === room);
  if (invitation === undefined) return;
  store.change((model) => withoutInvitation(model, room));
  client.contacts.accept(invitation).catch((error: unknown) => {
    store.change((model) => withInvitation(model, invitation));
    notices.refuse(error);
  });
}
