import type { RoomChange } from '../../sdk/rooms/room-events.ts';
import { texts } from '../../texts/texts.ts';
import type { Tone } from '../model/entry.ts';
import type { RoomSettings } from '../model/room-model.ts';

interface Said {
  readonly text: string;
  readonly tone: Tone;
}

const info = (text: string): Said => ({ text, tone: 'info' });
const warning = (text: string): Said => ({ text, tone: 'warning' });

/** What the timeline says of a change; undefined when it says nothing. */
export function changeText(change: RoomChange, before: RoomSettings): Said | undefined {
  switch (change.type) {
    case 'member-joined':
      return info(`${change.user} joined`);
    case 'member-left':
      return info(`${change.user} left`);
    case 'member-kicked':
      return info(`${change.user} was kicked`);
    case 'members-differ':
      return warning(texts.people.members_differ(change));
    case 'member-role':
      return info(
        `${change.user} is ${change.role === 'member' ? 'a member' : `${article(change.role)}`} now`,
      );
    case 'key-changed':
      return change.accepted
        ? info(`${change.user} has a new key, signed by the old one`)
        : warning(
            `the key of ${change.user} is not the one seen before: sending here has stopped. ` +
              `Compare with /verify ${change.user}, or accept it with /trust ${change.user}`,
          );
    case 'room-changed':
      return settingsText(change, before);
    case 'room-gone':
      return warning(goneTexts[change.reason]);
    case 'presence':
    case 'typing':
    case 'epoch-progress':
    case 'overflow':
      return undefined;
    default:
      return change satisfies never;
  }
}

const goneTexts = {
  deleted: 'the room was deleted',
  left: 'you left this room',
  kicked: 'you were kicked out of this room; /join takes you back',
  banned: 'you were banned from this room',
} as const;

function article(role: 'owner' | 'moderator'): string {
  return role === 'owner' ? 'the owner' : 'a moderator';
}

function settingsText(
  now: Extract<RoomChange, { readonly type: 'room-changed' }>,
  before: RoomSettings,
): Said {
  const told: string[] = [];
  if (now.formerName !== undefined)
    told.push(`the room is named ${now.room} now, no longer ${now.formerName}`);
  if (now.retention !== before.retention)
    told.push(
      now.retention === 0 ? 'messages are not stored any more' : `messages are stored ${now.retention} days`,
    );
  if (now.hidden !== before.hidden)
    told.push(now.hidden ? 'the room is hidden now' : 'the room is listed now');
  if (now.header !== before.header) told.push('messages say what their senders had seen from now on');
  if (now.suite !== before.suite)
    told.push('one key serves many messages from now on (suite 2): older clients cannot read them');
  if (now.locked && !now.unlocked) return warning('the room has a new password: /join asks for it');
  if (now.locked !== before.locked)
    told.push(
      now.locked ? 'the room has a password now' : 'the room has no password any more: /join accepts that',
    );
  return info(told.length === 0 ? `the settings of ${now.room} changed` : told.join(', '));
}
