import type { JSX } from 'preact';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { pressedInList } from './log-keys.ts';
import { nameClass } from './name-class.ts';

const { page: texts } = webTexts;

interface MembersProps {
  readonly acting: Acting;
  readonly room: RoomModel;
  readonly me: UserId | undefined;
}

/** Who is in the room: those online first, with roles and trust. */
export function Members({ acting, room, me }: MembersProps): JSX.Element {
  const { members, online } = room;
  if (members === undefined) return <p>…</p>;
  const sorted = [...members].sort((a, b) => Number(b.online === true) - Number(a.online === true));
  // The list is one stop of the Tab key.
  const first = sorted.find(({ id }) => id !== me);
  return (
    <>
      <h2>{chatTexts.status.online_of(online, members.length)}</h2>
      <ul onKeyDown={(event) => pressedInList(event, event.currentTarget) && event.preventDefault()}>
        {sorted.map((member) => (
          <li key={member.id}>
            <MemberLine {...{ acting, member }} isMe={member.id === me} isStop={member === first} />
          </li>
        ))}
      </ul>
    </>
  );
}

const trustMarks = {
  verified: { sign: '✓', text: texts.verified },
  changed: { sign: '!', text: texts.key_changed },
} as const;

function MemberLine({
  acting: { chat, run },
  member: { id, online, role, trust, user },
  isMe,
  isStop,
}: {
  readonly acting: Acting;
  readonly member: Member;
  readonly isMe: boolean;
  readonly isStop: boolean;
}): JSX.Element {
  const presence = online === undefined ? texts.presence_unknown : online ? texts.online : texts.offline;
  const mark = trust === 'verified' || trust === 'changed' ? trustMarks[trust] : undefined;
  const line = (
    <>
      <span class={online === true ? 'presence on' : 'presence'} role="img" aria-label={presence}>
        {online === undefined ? '?' : online ? '●' : '○'}
      </span>
      <span class={`name ${nameClass(id)}`}>{user}</span>
      {mark !== undefined && (
        <span class={`trust ${trust}`} role="img" aria-label={mark.text}>
          {mark.sign}
        </span>
      )}
      {role !== 'member' && <span class="role">{texts[role]}</span>}
    </>
  );
  if (isMe) return <div class="member">{line}</div>;
  return (
    <button
      type="button"
      class="member"
      tabIndex={isStop ? 0 : -1}
      title={texts.safety(user)}
      onClick={() => run(() => chat.carryOut(`/verify ${user}`))}
    >
      {line}
    </button>
  );
}
