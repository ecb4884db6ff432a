import type { JSX } from 'preact';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { parseRoomName } from '../../../src/protocol/names.ts';
import { activeRoom, type Model } from '../../chat/model/model.ts';
import { isUnread, type RoomModel, unreadText } from '../../chat/model/room-model.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { pressedInList } from './log-keys.ts';

const { page: texts } = webTexts;
const COUNT_SHOWN_MAX = 999;

interface RoomsProps {
  readonly acting: Acting;
  readonly model: Model;
  choose(id: RoomId): void;
  /** Somebody goes on to look for a room, or to make one. */
  begin(): void;
}

export function Rooms({ acting, model, choose, begin }: RoomsProps): JSX.Element {
  // The list is one stop of the Tab key.
  const stop = activeRoom(model)?.id;
  return (
    <>
      <ul onKeyDown={(event) => pressedInList(event, event.currentTarget) && event.preventDefault()}>
        {model.rooms.map((room, at) => (
          <li key={room.id}>
            <button
              type="button"
              tabIndex={room.id === stop || (stop === undefined && at === 0) ? 0 : -1}
              aria-current={room.id === model.active ? 'page' : undefined}
              class={isUnread(room) ? 'unread' : ''}
              onClick={() => choose(room.id)}
            >
              <span class="name">{room.name}</span>
              {room.id !== model.active && <Counts room={room} />}
            </button>
          </li>
        ))}
      </ul>
      <RoomActions acting={acting} look="quiet" begin={begin} />
    </>
  );
}

interface RoomActionsProps {
  readonly acting: Acting;
  readonly look: 'quiet' | 'main';
  /** Before anything is asked. */
  begin?(): void;
}

/** What leads into another room. */
export function RoomActions({ acting, look, begin }: RoomActionsProps): JSX.Element {
  const { application, chat, run } = acting;
  const create = async (): Promise<void> => {
    const name = await application.dialogs.prompt({
      title: texts.create_name,
      fault: (text) => (parseRoomName(text.trim()) === undefined ? texts.bad_room_name : undefined),
    });
    if (name !== undefined) await chat.carryOut(`/create ${name.trim()}`);
  };
  const action = (label: string, work: () => Promise<void>): JSX.Element => (
    <button
      type="button"
      class={look}
      onClick={() => {
        begin?.();
        run(work);
      }}
    >
      {label}
    </button>
  );
  return (
    <>
      {action(texts.join_room, () => chat.carryOut('/rooms'))}
      {action(texts.create_room, create)}
    </>
  );
}

function Counts({ room }: { readonly room: RoomModel }): JSX.Element {
  const unread = unreadText(room, COUNT_SHOWN_MAX);
  return (
    <>
      {room.draft !== '' && (
        <span class="draft" role="img" aria-label={texts.has_draft}>
          ✎
        </span>
      )}
      {room.mentions > 0 && (
        <span class="mentions">
          <span aria-hidden="true">@{room.mentions}</span>
          <span class="unseen">{texts.mentions(room.mentions)}</span>
        </span>
      )}
      {unread !== '' && (
        <span class="count">
          <span aria-hidden="true">{unread}</span>
          <span class="unseen">{texts.unread(unread)}</span>
        </span>
      )}
    </>
  );
}
