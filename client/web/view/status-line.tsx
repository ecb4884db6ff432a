import type { JSX } from 'preact';
import type { UserId } from '../../../src/protocol/ids.ts';
import { keptText } from '../../chat/model/dates.ts';
import type { ConnectionModel, Model } from '../../chat/model/model.ts';
import { pendingCount } from '../../chat/model/room-changes.ts';
import { lifeIn, type RoomModel } from '../../chat/model/room-model.ts';
import { exposedOnTheWay } from '../../sdk/connection/exposed-on-the-way.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeText } from '../../texts/message-life.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';

const SECOND_MS = 1_000;
const { status } = chatTexts;
const { page } = webTexts;

interface StatusLineProps {
  readonly acting: Acting;
  readonly model: Model;
  readonly room: RoomModel | undefined;
}

/** How things are: the connection, what is on its way, who types, whom one can trust. */
export function StatusLine({ acting, model, room }: StatusLineProps): JSX.Element {
  const { chat, run } = acting;
  const { connection, me, running } = model;
  const pending = pendingCount(model);
  const hasFailed = room?.timeline.echoes.some(({ state }) => state === 'failed') === true;
  const trust = room === undefined ? undefined : trustOf(room, me?.id);
  const life = room === undefined ? undefined : lifeIn(room);
  return (
    <footer class="status">
      <Connection connection={connection} model={model} />
      {connection.state === 'waiting' && (
        <button type="button" onClick={() => run(() => chat.reconnect())}>
          {page.retry_now}
        </button>
      )}
      {hasFailed && (
        <button type="button" onClick={() => run(() => chat.retryFailed())}>
          {page.retry_failed}
        </button>
      )}
      {running !== undefined && model.dialog === undefined && (
        <button type="button" onClick={() => run(() => chat.cancel())}>
          {page.cancel} {visibleLine(running)}
        </button>
      )}
      {pending > 0 && <span class="warning">{status.pending(pending)}</span>}
      {room !== undefined && room.typing.size > 0 && <span>{status.typing([...room.typing.values()])}</span>}
      {life !== undefined && <span class="warning">{status.disappearing(lifeText(life))}</span>}
      {trust !== undefined && <span class={trust.isFault ? 'fault' : ''}>{trust.text}</span>}
      {room?.open === true && <span>{storedText(room)}</span>}
    </footer>
  );
}

/** Told once when it changes, not at each second of a countdown. */
function Connection({
  connection,
  model: { heldUp, me, now },
}: {
  readonly connection: ConnectionModel;
  readonly model: Model;
}): JSX.Element {
  if (connection.state === 'online' && heldUp !== undefined)
    return (
      <span class="connection waiting" role="status">
        {status.held_up(visibleLine(heldUp))}
      </span>
    );
  const isExposed = me !== undefined && exposedOnTheWay(me.server) !== undefined;
  const text = connectionText(connection, now);
  return (
    <span class={`connection ${isExposed ? 'waiting' : connection.state}`}>
      <span role="status" class="unseen">
        {connection.state === 'online' ? status.connected : connection.state === 'closed' ? text : ''}
      </span>
      {isExposed && connection.state === 'online' ? status.without_tls(text) : text}
    </span>
  );
}

function connectionText(connection: ConnectionModel, now: number): string {
  switch (connection.state) {
    case 'connecting':
      return status.connecting;
    case 'online': {
      const { roundTripMs } = connection;
      return roundTripMs === undefined
        ? status.connected
        : status.connected_in(Math.max(1, Math.round(roundTripMs)));
    }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.until - now) / SECOND_MS));
      return `${status.offline(seconds)}: ${visibleLine(connection.reason)}`;
    }
    case 'closed':
      return status.closed(visibleLine(connection.reason));
    default:
      return connection satisfies never;
  }
}

function trustOf(
  { members = [] }: RoomModel,
  me: UserId | undefined,
): { readonly text: string; readonly isFault: boolean } {
  const changed = members.filter(({ trust }) => trust === 'changed').map(({ user }) => user);
  if (changed.length > 0) return { text: status.key_changed(changed), isFault: true };
  const others = members.filter(({ id }) => id !== me);
  const verified = others.filter(({ trust }) => trust === 'verified').length;
  const encrypted = status.encrypted;
  const text = others.length === 0 ? encrypted : `${encrypted} · ${status.verified(verified, others.length)}`;
  return { text, isFault: false };
}

function storedText({ settings: { retentionHours } }: RoomModel): string {
  return retentionHours === 0 ? status.nothing_stored : status.stored(keptText(retentionHours));
}

/** What was said last besides the timeline. */
export function Notices({
  acting: { application },
  model: { notices },
}: Omit<StatusLineProps, 'room'>): JSX.Element {
  return (
    <div class="notices" role="status">
      {notices.map(({ text, tone }) => (
        <p key={text} class={tone}>
          {visibleLine(text)}
        </p>
      ))}
      {notices.length > 0 && (
        <button
          type="button"
          class="quiet"
          onClick={() => application.store.change((model) => ({ ...model, notices: [] }))}
        >
          {page.dismiss}
        </button>
      )}
    </div>
  );
}
