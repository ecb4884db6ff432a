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
}

export function Rooms({ acting, model, choose }: RoomsProps): JSX.Element {
  const { application, chat, run } = acting;
  // The list is one stop of the Tab key.
  const stop = activeRoom(model)?.id;
  const create = async (): Promise<void> => {
    const name = await application.dialogs.prompt({
      title: texts.create_name,
      fault: (text) => (parseRoomName(text.trim()) === undefined ? texts.bad_room_name : undefined),
    });
    if (name !== undefined) await chat.carryOut(`/create ${name.trim()}`);
  };
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
      <button type="button" class="quiet" onClick={() => run(() => chat.carryOut('/rooms'))}>
        {texts.join_room}
      </button>
      <button type="button" class="quiet" onClick={() => run(create)}>
        {texts.create_room}
      </button>
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
