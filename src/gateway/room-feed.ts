import type { Watermarks } from '../core/watermarks.ts';
import { type DeliverEnvelope, decodeRoomEnvelope } from '../domain/envelope.ts';
import type { RoomNotice } from '../domain/notices.ts';
import { endsMembership } from '../domain/roster.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { LocalRoom, LocalRooms } from './local-rooms.ts';

/** What a node does not understand may come in numbers: one `resync` speaks for all of a moment. */
const RESYNC_GATHER_MS = 250;

/** What comes in on the channels of rooms, and goes out to the sessions that entered them. */
export class RoomFeed {
  readonly #rooms: Pick<LocalRooms, 'userGone' | 'roomGone'>;
  readonly #watermarks: Pick<Watermarks, 'note'>;
  readonly #telemetry: Telemetry;
  readonly #unclear = new Set<LocalRoom>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    rooms: Pick<LocalRooms, 'onPayload' | 'userGone' | 'roomGone'>,
    watermarks: Pick<Watermarks, 'note'>,
    telemetry: Telemetry,
  ) {
    this.#rooms = rooms;
    this.#watermarks = watermarks;
    this.#telemetry = telemetry;
    rooms.onPayload((local, payload) => this.payload(local, payload));
  }

  /** Never throws: one bad envelope must not keep the broker from the next. */
  payload(local: LocalRoom, payload: Uint8Array): void {
    local.activity += 1;
    try {
      const envelope = decodeRoomEnvelope(payload);
      if (envelope === undefined) this.#resyncSoon(local);
      else if (envelope.kind === 'deliver') this.#deliver(local, envelope);
      else this.#notice(local, envelope.notice);
    } catch (error) {
      this.#telemetry.warn('fan_out_failed', error);
      this.#resyncSoon(local);
    }
  }

  #deliver(local: LocalRoom, envelope: DeliverEnvelope): void {
    const startedAtMs = performance.now();
    const recipients = local.deliver(envelope);
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
          this.#rooms.userGone(local.room, notice.user, notice.change, { version: notice.version });
        }
        local.broadcast(notice.event);
        return;
      case 'settings':
        this.#noteVersion(local, notice);
        local.broadcast(notice.event);
        return;
      case 'presence':
        local.broadcast(notice.event);
        return;
      case 'room-gone':
        this.#rooms.roomGone(local, notice.event);
        return;
      default:
        notice satisfies never;
    }
  }

  #noteVersion(
    local: LocalRoom,
    { version, floor }: { readonly version: number; readonly floor: number },
  ): void {
    if (version > local.lastVersion) local.lastVersion = version;
    this.#watermarks.note(local.room, { version, floor });
  }

  #resyncSoon(local: LocalRoom): void {
    this.#unclear.add(local);
    this.#timer ??= setTimeout(() => {
      const locals = [...this.#unclear];
      this.close();
      for (const unclear of locals) this.resync(unclear);
    }, RESYNC_GATHER_MS);
  }

  /** Something may have been missed: the sessions fetch it. */
  resync(local: LocalRoom, head?: number): void {
    if (head !== undefined && head > local.lastSeq) local.lastSeq = head;
    local.activity += 1;
    local.broadcast(encodeEvent('resync', { room: local.room, ...(head !== undefined && { head }) }));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#unclear.clear();
  }
}
