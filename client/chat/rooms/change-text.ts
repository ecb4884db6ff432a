import type { RoomChange } from '../../sdk/rooms/room-events.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeChangedText, lifeRefusedText } from '../../texts/room-life-text.ts';
import { texts } from '../../texts/texts.ts';
import { keptText } from '../model/dates.ts';
import type { Tone } from '../model/entry.ts';
import type { RoomSettings } from '../model/room-model.ts';

const { events } = chatTexts;

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
      return info(events.joined(change.user));
    case 'member-left':
      return info(events.left(change.user));
    case 'member-kicked':
      return info(events[change.banned ? 'banned' : 'kicked'](change.user, texts.people.expulsion(change)));
    case 'members-differ':
      return warning(texts.people.members_differ(change));
    case 'member-role':
      return info(roleTexts[change.role](change.user));
    case 'key-changed':
      return change.accepted
        ? info(events.key_signed(change.user))
        : warning(events.key_changed(change.user));
    case 'life-changed':
      return info(lifeChangedText(change));
    case 'life-refused':
      return warning(lifeRefusedText(change));
    case 'room-changed':
      return settingsText(change, before);
    case 'room-gone':
      return warning(events.gone[change.reason](texts.people.expulsion(change)));
    case 'messages-disappeared':
    case 'presence':
    case 'typing':
    case 'epoch-progress':
    case 'exposure-changed':
    case 'overflow':
      return undefined;
    default:
      return change satisfies never;
  }
}

const roleTexts = {
  owner: events.is_owner,
  moderator: events.is_moderator,
  member: events.is_member,
} as const;

function settingsText(
  now: Extract<RoomChange, { readonly type: 'room-changed' }>,
  before: RoomSettings,
): Said {
  const told: string[] = [];
  if (now.formerName !== undefined) told.push(events.renamed(now.formerName, now.room));
  if (now.retentionHours !== before.retentionHours)
    told.push(now.retentionHours === 0 ? events.not_stored : events.stored(keptText(now.retentionHours)));
  if (now.hidden !== before.hidden) told.push(now.hidden ? events.hidden : events.listed);
  if (now.header !== before.header) told.push(events.header_raised);
  if (now.suite !== before.suite) told.push(events.suite_raised(now.suite));
  if (now.locked && !now.unlocked) return warning(events.new_password);
  if (now.locked !== before.locked) told.push(now.locked ? events.has_password : events.no_password);
  return info(told.length === 0 ? events.settings(now.room) : events.and(told));
}
