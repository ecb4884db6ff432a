import type { Watermarks } from '../core/room-sequence.ts';
import { type DeliverEnvelope, decodeRoomEnvelope, type SharedEnvelope } from '../domain/envelope.ts';
import type { RoomNotice } from '../domain/notices.ts';
import { endsMembership } from '../domain/roster.ts';
import type { EpochStore } from '../ports/epoch-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { EventBody } from '../protocol/events.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import { EpochFeed } from './epoch-feed.ts';
import type { LocalRoom, RoomPayloadHandler } from './local-room.ts';
import { ResyncSoon } from './resync-soon.ts';

/** What happens to the rooms of this node when a notice says so: see LocalRooms. */
interface NotifiedRooms {
  /** Gets each payload from the rooms that are held from now on. */
  onPayload(handler: RoomPayloadHandler): void;
  userGone(
    room: RoomId,
    user: UserId,
    reason: EventBody<'room-gone'>['reason'],
    since: { readonly version: number; readonly event?: Uint8Array },
  ): void;
  roomGone(local: LocalRoom, event: Uint8Array): void;
}

interface RoomFeedParts {
  readonly rooms: NotifiedRooms;
  readonly stores: { readonly epochs: Pick<EpochStore, 'issued'> };
  readonly watermarks: Pick<Watermarks, 'note'>;
  readonly telemetry: Telemetry;
}

/** What comes in on the channels of rooms, and goes out to the sessions that entered them. */
export class RoomFeed {
  readonly #rooms: NotifiedRooms;
  readonly #watermarks: Pick<Watermarks, 'note'>;
  readonly #telemetry: Telemetry;
  readonly #epochs: EpochFeed<LocalRoom>;
  readonly #unclear: ResyncSoon<LocalRoom>;

  constructor({ rooms, stores, watermarks, telemetry }: RoomFeedParts) {
    this.#rooms = rooms;
    this.#watermarks = watermarks;
    this.#telemetry = telemetry;
    this.#unclear = new ResyncSoon((local) => this.resync(local));
    this.#epochs = new EpochFeed({
      epochs: stores.epochs,
      telemetry,
      take: (local, payload) => this.#take(local, payload),
      resync: (local) => this.#unclear.add(local),
    });
    rooms.onPayload((local, payload) => this.payload(local, payload));
  }

  /** Never throws: one bad envelope must not keep the broker from the next. */
  payload(local: LocalRoom, payload: Uint8Array): void {
    local.activity += 1;
    if (local.epochs.held === undefined) this.#take(local, payload);
    else this.#epochs.hold(local, payload);
  }

  #take(local: LocalRoom, payload: Uint8Array): void {
    try {
      const envelope = decodeRoomEnvelope(payload);
      if (envelope === undefined) this.#unclear.add(local);
      else if (envelope.kind !== 'notice') this.#deliver(local, envelope);
      else this.#notice(local, envelope.notice);
    } catch (error) {
      this.#telemetry.warn('fan_out_failed', error);
      this.#unclear.add(local);
    }
  }

  #deliver(local: LocalRoom, envelope: DeliverEnvelope | SharedEnvelope): void {
    const startedAtMs = performance.now();
    const recipients = envelope.kind === 'shared' ? local.share(envelope) : local.deliver(envelope);
    this.#watermarks.note(local.room, { seq: envelope.seq });
    const lagMs = performance.timeOrigin + startedAtMs - envelope.publishedAt;
    this.#telemetry.fannedOut(
      recipients,
      (performance.now() - startedAtMs) / 1_000,
      Math.max(0, lagMs) / 1_000,
    );
  }

  #notice(local: LocalRoom, notice: RoomNotice): void {
    switch (notice.about) {
      case 'roster':
        this.#noteVersion(local, notice);
        // First: nothing that comes later is delivered to who left.
        if (endsMembership(notice.change)) {
          const { user, change, version, gone } = notice;
          this.#rooms.userGone(local.room, user, change, { version, ...(gone && { event: gone }) });
        }
        local.broadcast(notice.event);
        return;
      case 'settings':
        this.#noteVersion(local, notice);
        local.broadcast(notice.event);
        if (notice.suite !== undefined) local.closeBelow(notice.suite);
        return;
      case 'presence':
        local.broadcast(notice.event);
        return;
      case 'epoch':
        this.epochIs(local, notice.number);
        return;
      case 'room-gone':
        this.#rooms.roomGone(local, notice.event);
        return;
      default:
        notice satisfies never;
    }
  }

  /** The room has an epoch of this number, which may not have been told here yet. */
  epochIs(local: LocalRoom, number: number): void {
    this.#watermarks.note(local.room, { epoch: number });
    this.#epochs.tell(local, number);
  }

  #noteVersion(
    local: LocalRoom,
    { version, floor }: { readonly version: number; readonly floor: number },
  ): void {
    if (version > local.lastVersion) local.lastVersion = version;
    this.#watermarks.note(local.room, { version, floor });
  }

  /** Something may have been missed: the sessions fetch it. */
  resync(local: LocalRoom, head?: number): void {
    if (head !== undefined && head > local.lastSeq) local.lastSeq = head;
    local.activity += 1;
    local.broadcast(encodeEvent('resync', { room: local.room, ...(head !== undefined && { head }) }));
  }

  close(): void {
    this.#unclear.close();
  }
}
