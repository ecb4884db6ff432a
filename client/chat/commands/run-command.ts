import { ConclaveError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { activeRoom } from '../model/model.ts';
import { removeMessage, runActionCommand, sendTyped } from './action-commands.ts';
import { runClientCommand } from './client-commands.ts';
import type { CommandContext } from './command-context.ts';
import { type CommandCall, commandOf, mayUse } from './command-table.ts';
import { runContactCommand } from './contact-commands.ts';
import { runFileCommand } from './file-commands.ts';
import { runReadingCommand } from './message-commands.ts';
import {
  banUser,
  changePassword,
  deleteRoom,
  grantUser,
  handOverRoom,
  hideRoom,
  kickUser,
  raiseHeader,
  renameRoom,
  revokeUser,
  setRetention,
  unbanUser,
} from './owner-commands.ts';
import {
  ignorePerson,
  pickMember,
  sayOnline,
  showKeys,
  showPerson,
  trustPerson,
  verifyPerson,
} from './people-commands.ts';
import { clearRoom, createRoom, joinRoom, leaveRoom, pickRoom } from './room-commands.ts';

type OwnerCall = Extract<
  CommandCall,
  {
    readonly name:
      | 'kick'
      | 'ban'
      | 'unban'
      | 'grant'
      | 'revoke'
      | 'owner'
      | 'rename'
      | 'retention'
      | 'password'
      | 'header'
      | 'hide'
      | 'delete';
  }
>;

/** Carries out a command. Rejects with what was refused, and why. */
export async function runCommand(context: CommandContext, call: CommandCall): Promise<void> {
  switch (call.name) {
    case 'join':
      return joinRoom(context, call.room);
    case 'leave':
      return leaveRoom(context, call.room);
    case 'create':
      return createRoom(context, call);
    case 'rooms':
      return pickRoom(context, call.prefix);
    case 'members':
      return pickMember(context);
    case 'who':
      return call.user === undefined ? sayOnline(context) : showPerson(context, call.user);
    case 'verify':
      return verifyPerson(context, call.user);
    case 'trust':
      return trustPerson(context, call.user);
    case 'keys':
      return call.user === undefined ? showKeys(context) : showPerson(context, call.user);
    case 'ignore':
      return ignorePerson(context, call.user);
    case 'msg':
    case 'invite':
    case 'invitations':
    case 'decline':
    case 'block':
    case 'unblock':
    case 'blocked':
      return runContactCommand(context, call);
    case 'me':
      return sendTyped(context, `/me ${call.text}`);
    case 'reply':
    case 'edit':
    case 'retract':
    case 'react':
    case 'copy':
      return runActionCommand(context, call);
    case 'remove':
      requireRole(context, call.name);
      return removeMessage(context, call.why);
    case 'select':
      return call.which === 'newer' ? context.selection.newer() : context.selection.older();
    case 'answered':
      return context.selection.toAnswered();
    case 'send':
    case 'save':
    case 'open':
    case 'cancel':
      return runFileCommand(context, call);
    case 'search':
    case 'links':
    case 'removed':
    case 'earlier':
      return runReadingCommand(context, call);
    case 'clear':
      return clearRoom(context);
    case 'help':
    case 'move':
    case 'notify':
    case 'disappear':
    case 'backup':
    case 'link':
    case 'sync':
    case 'reconnect':
      return runClientCommand(context, call);
    case 'quit':
      return context.quit();
    default:
      return runOwnerCommand(context, call);
  }
}

/** Refuses at once what the server would refuse after a question. */
function requireRole({ store }: CommandContext, name: CommandCall['name']): void {
  const room = activeRoom(store.model);
  if (room === undefined || !room.open || mayUse(name, room.settings.role)) return;
  const { only_owner: onlyOwner, only_moderators: onlyModerators } = chatTexts.input;
  const only = commandOf(name).who === 'owner' ? onlyOwner : onlyModerators;
  throw new ConclaveError('forbidden', only(room.name, `/${name}`));
}

/** What owners and moderators may do; the server refuses it to others. */
async function runOwnerCommand(context: CommandContext, call: OwnerCall): Promise<void> {
  requireRole(context, call.name);
  switch (call.name) {
    case 'kick':
      return kickUser(context, call.user, call.why);
    case 'ban':
      return banUser(context, call.user, call.why);
    case 'unban':
      return unbanUser(context, call.user);
    case 'grant':
      return grantUser(context, call.user);
    case 'revoke':
      return revokeUser(context, call.user);
    case 'owner':
      return handOverRoom(context, call.user);
    case 'rename':
      return renameRoom(context, call.room);
    case 'retention':
      return setRetention(context, call.hours);
    case 'password':
      return changePassword(context, call.none !== undefined);
    case 'header':
      return raiseHeader(context);
    case 'hide':
      return hideRoom(context, call.state !== 'off');
    case 'delete':
      return deleteRoom(context);
    default:
      return call satisfies never;
  }
}
