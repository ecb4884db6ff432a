import type { ConclaveClient } from '../../sdk/api.ts';
import { type RoomInvitation, waitingIfOffered } from '../../sdk/contacts/invitation.ts';
import { localError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { isoTime } from '../output.ts';
import { sendMessages } from './send.ts';

/** Opens the room for two; with words, these are one message there. */
export async function directMessage(
  context: CommandContext,
  name: string,
  words: readonly string[],
): Promise<void> {
  const client = await context.connected();
  const { room, id } = await withRetries(() => client.contacts.direct(name));
  if (words.length > 0) return sendMessages(context, room, words.join(' '), {});
  context.output.data({ type: 'direct', room, id }, filled(cliTexts.said.direct, { room }));
}

export async function inviteUser(context: CommandContext, room: string, name: string): Promise<void> {
  const client = await context.connected();
  const { user } = await withRetries(() => client.contacts.invite(room, name));
  context.output.data({ type: 'invited', room, user }, filled(cliTexts.said.invited, { user, room }));
}

export async function listInvitations(context: CommandContext): Promise<void> {
  const client = await context.connected();
  const waiting = await withRetries(() => client.contacts.waiting());
  await context.output.table(
    ['room', 'user', 'trust', 'fingerprint'],
    waiting.map(({ kind, room, id, from, fingerprint, trust, password, at }) => ({
      line: {
        ...{ type: 'invitation', kind, room, id, from, fingerprint, trust, password },
        at: isoTime(at),
      },
      cells: [room, from, texts.words.trust[trust], fingerprint],
    })),
  );
}

export async function decline(context: CommandContext, room: string): Promise<void> {
  const client = await context.connected();
  const invitation = await withRetries(() => invitationTo(client, room));
  if (invitation === undefined) throw localError('usage', 'not_invited', { room });
  await withRetries(() => client.contacts.decline(invitation));
  context.output.data(
    { type: 'declined', room: invitation.room, id: invitation.id },
    filled(cliTexts.said.declined, { room: invitation.room }),
  );
}

export async function blockUser(context: CommandContext, name: string): Promise<void> {
  const client = await context.connected();
  const { user, id } = await withRetries(() => client.contacts.block(name));
  context.output.data({ type: 'blocked', user, id }, filled(cliTexts.said.blocked, { user }));
}

export async function unblockUser(context: CommandContext, name: string): Promise<void> {
  const client = await context.connected();
  const { user, id } = await withRetries(() => client.contacts.unblock(name));
  context.output.data({ type: 'unblocked', user, id }, filled(cliTexts.said.unblocked, { user }));
}

export async function listBlocked(context: CommandContext): Promise<void> {
  const client = await context.connected();
  const blocked = await withRetries(() => client.contacts.blocked());
  await context.output.table(
    ['user'],
    blocked.map(({ user, id }) => ({ line: { type: 'blocked', user, id }, cells: [user] })),
  );
}

/** The one that waits for an answer. */
export async function invitationTo(
  client: ConclaveClient,
  room: string,
): Promise<RoomInvitation | undefined> {
  const waiting = await waitingIfOffered(client.contacts);
  return waiting.find((invitation) => invitation.room.toLowerCase() === room.toLowerCase());
}
