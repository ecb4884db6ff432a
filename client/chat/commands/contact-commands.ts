import type { RoomInvitation } from '../../sdk/contacts/invitation.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { isoDay } from '../model/dates.ts';
import { activeRoom, withoutInvitation } from '../model/model.ts';
import { loadInvitations } from '../rooms/invitations.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import type { CommandCall } from './command-table.ts';
import { grouped } from './people-commands.ts';
import { enterRoom, joinRoom, openDirect, ownRoom } from './room-commands.ts';

const { contacts, people, rooms: roomTexts } = chatTexts;

const ACCEPT = 'accept';
const DECLINE = 'decline';
const BLOCK = 'block';

type ContactCall = Extract<
  CommandCall,
  { readonly name: 'msg' | 'invite' | 'invitations' | 'decline' | 'block' | 'unblock' | 'blocked' }
>;

/** How people find each other, and who may not. */
export async function runContactCommand(context: CommandContext, call: ContactCall): Promise<void> {
  switch (call.name) {
    case 'msg':
      return messageUser(context, call.user, call.text);
    case 'invite':
      return inviteUser(context, call.user, call.room);
    case 'invitations':
      return pickInvitation(context);
    case 'decline':
      return declineInvitation(context, call.room);
    case 'block':
      return blockUser(context, call.user);
    case 'unblock':
      return unblockUser(context, call.user);
    case 'blocked':
      return sayBlocked(context);
    default:
      return call satisfies never;
  }
}

/** Goes into the direct room with somebody, and says something there. */
async function messageUser(context: CommandContext, user: string, text: string | undefined): Promise<void> {
  await openDirect(context, user);
  if (text !== undefined) shownRoom(context).outbox.send(text);
}

/** To the room that is shown, unless it is named. */
async function inviteUser(context: CommandContext, user: string, name: string | undefined): Promise<void> {
  const { client, notices, store } = context;
  const room = name ?? activeRoom(store.model)?.name;
  if (room === undefined) throw new ConclaveError('usage', roomTexts.no_room);
  if (room.startsWith('@')) throw new ConclaveError('usage', contacts.direct_is_for_two);
  const invited = await client.contacts.invite(room, user);
  notices.say(contacts.sent(invited.user, room));
}

/** Lists what waits, and asks about the one that is chosen. */
async function pickInvitation(context: CommandContext): Promise<void> {
  const { client, dialogs, store } = context;
  const waiting = await loadInvitations(client, store);
  const chosen = await dialogs.pick({
    title: contacts.waiting,
    items: waiting.map(({ id, kind, from, room, at }) => ({
      id,
      label: from,
      detail: [kind === 'direct' ? contacts.to_direct : contacts.to_room(room), isoDay(at)].join(' · '),
    })),
    nothing: contacts.none_waiting,
  });
  const invitation = waiting.find(({ id }) => id === chosen);
  if (invitation !== undefined) await askAbout(context, invitation);
}

async function askAbout(context: CommandContext, invitation: RoomInvitation): Promise<void> {
  const { kind, from, room, trust, fingerprint, password } = invitation;
  const answer = await context.dialogs.page({
    title: kind === 'direct' ? contacts.direct_invitation(from) : contacts.room_invitation(from, room),
    lines: [
      ...contacts.about(people.trust[trust]),
      ...grouped(fingerprint, 8, 4),
      ...(password ? ['', contacts.has_password] : []),
    ],
    choices: [
      { id: ACCEPT, label: contacts.accept },
      { id: DECLINE, label: contacts.decline },
      { id: BLOCK, label: contacts.block },
    ],
  });
  if (answer === ACCEPT) await joinRoom(context, room);
  else if (answer === DECLINE) await declineInvitation(context, room);
  else if (answer === BLOCK) await blockUser(context, from);
}

/**
 * Joins a room only after a question, since anybody may have written the link, and only as the question showed it: by the
 * invitation that waits for it, or with the password that it asked for, or without one.
 */
export async function followRoomLink(context: CommandContext, name: string): Promise<void> {
  const { client, dialogs, store } = context;
  if (ownRoom(context, name) !== undefined) return joinRoom(context, name);
  const invitation = store.model.invitations.find(({ room }) => room.toLowerCase() === name.toLowerCase());
  if (invitation !== undefined) return askAbout(context, invitation);
  const locked = (await client.lookup(name)).password;
  const about = [contacts.link_about, locked ? contacts.link_locked : contacts.link_open];
  if (await dialogs.confirm(contacts.link(name), about, contacts.link_yes))
    await enterRoom(context, name, locked);
}

/** Of the room that is named, or of the direct room that is shown. */
async function declineInvitation(context: CommandContext, name: string | undefined): Promise<void> {
  const { client, notices, rooms, store } = context;
  const { model } = store;
  const shown = activeRoom(model)?.id;
  const invitation = model.invitations.find(({ id, room }) =>
    name === undefined ? id === shown : room.toLowerCase() === name.toLowerCase(),
  );
  if (invitation === undefined)
    throw new ConclaveError(
      'usage',
      name === undefined ? contacts.decline_which : contacts.not_invited(name),
    );
  await client.contacts.decline(invitation);
  store.change((before) => withoutInvitation(before, invitation.id));
  if (invitation.kind === 'direct') rooms.remove(invitation.id);
  notices.say(contacts.declined(invitation.room));
}

/** Asks first: the direct room with the user goes. */
async function blockUser(context: CommandContext, name: string): Promise<void> {
  const { client, dialogs, notices, rooms, store } = context;
  const about = contacts.block_about(name);
  if (!(await dialogs.confirm(contacts.block_question(name), about, contacts.block))) return;
  const { id, user } = await client.contacts.block(name);
  store.change((model) => ({
    ...model,
    invitations: model.invitations.filter((invitation) => invitation.user !== id),
  }));
  const direct = store.model.rooms.find((room) => room.name.toLowerCase() === `@${user}`.toLowerCase());
  if (direct !== undefined) rooms.remove(direct.id);
  notices.say(contacts.blocked(user));
}

async function unblockUser({ client, notices }: CommandContext, name: string): Promise<void> {
  const { user } = await client.contacts.unblock(name);
  notices.say(contacts.unblocked(user));
}

async function sayBlocked({ client, notices }: CommandContext): Promise<void> {
  const users = (await client.contacts.blocked()).map(({ user }) => user);
  notices.say(users.length === 0 ? contacts.blocking_nobody : contacts.blocking(users));
}
