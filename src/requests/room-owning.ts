import type { Caller } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { RosterUpdating } from '../core/room-changes.ts';
import type { RoomChores } from '../core/room-chores.ts';
import { nextPassword, type PasswordRequest, passwordRequest } from '../core/room-passwords.ts';
import type { RoomRepairs } from '../core/room-upkeep.ts';
import { DAY_MS } from '../core/settler.ts';
import { headerSetting, type RoomRecord, type RoomSettings, settingsOf } from '../domain/roster.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST } from '../protocol/layouts/message-header.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import type { RoomActs } from './room-acts.ts';

interface RoomOwningParts {
  readonly rooms: RoomStore;
  readonly acts: RoomActs;
  readonly updating: RosterUpdating;
  readonly repairs: RoomRepairs;
  readonly chores: RoomChores;
  readonly wallClock: WallClock;
}

/** What an owner does to the room itself. */
export class RoomOwning {
  readonly #parts: RoomOwningParts;

  constructor(parts: RoomOwningParts) {
    this.#parts = parts;
  }

  rename(caller: Caller, { room, name }: RequestBody<'rename'>): Promise<ReplyBody<'rename'> | Refusal> {
    return this.#parts.acts.run(caller, room, 'rename', async ({ record }) => {
      if (record.name === name) return {};
      const outcome = await this.#apply(record, { ...settingsOf(record), name });
      if (outcome === 'name_taken') return refuse('name_taken');
      return outcome === 'conflict' ? 'conflict' : {};
    });
  }

  async update(caller: Caller, body: RequestBody<'update'>): Promise<ReplyBody<'update'> | Refusal> {
    const wanted = passwordRequest(body.password);
    if (wanted === 'bad_request')
      return refuse('bad_request', { message: 'update: a password is a salt and a proof, or neither' });
    return this.#parts.acts.run(caller, body.room, 'update', async ({ record }) => {
      if ((body.header ?? HEADER_LAYOUT_LAST) < (record.header ?? HEADER_LAYOUT_FIRST))
        return refuse('bad_request', { message: 'update: the layout of headers is only raised' });
      const settings = updated(record, body, wanted, this.#parts.wallClock.nowMs());
      const reply = { password: settings.password.number };
      if (isSame(record, settings)) return reply;
      const outcome = await this.#apply(record, settings);
      // Its own name is nobody else's.
      return outcome === 'conflict' || outcome === 'name_taken' ? 'conflict' : reply;
    });
  }

  delete(caller: Caller, { room }: RequestBody<'delete'>): Promise<ReplyBody<'delete'> | Refusal> {
    const { rooms, acts, repairs } = this.#parts;
    return acts.run(caller, room, 'delete', async ({ record }) => {
      if ((await rooms.delete(room, record.version)) === 'conflict') return 'conflict';
      await repairs.finishDeletionForAll(record);
      return {};
    });
  }

  /**
   * Another retention raises the floor as another password or layout of headers does: what is accepted from then on was
   * prepared for a version that says it, so no node stores anything for the old number of days.
   */
  async #apply(record: RoomRecord, settings: RoomSettings): Promise<object | 'conflict' | 'name_taken'> {
    const { updating, chores, wallClock } = this.#parts;
    const version = record.version + 1;
    const livesOtherwise = settings.retention !== record.retention;
    const outcome = await updating.applySettings(record, {
      change: { version, kind: 'settings', at: wallClock.nowMs() },
      raisesFloor:
        livesOtherwise || settings.password !== record.password || settings.header !== record.header,
      settings,
    });
    if (typeof outcome === 'object' && livesOtherwise)
      chores.begin({ room: record.room, version, kind: 'retention' });
    return outcome;
  }
}

function updated(
  record: RoomRecord,
  { hidden = record.hidden, retention = record.retention, header = record.header }: RequestBody<'update'>,
  wanted: PasswordRequest | undefined,
  nowMs: number,
): RoomSettings {
  const password = wanted === undefined ? record.password : nextPassword(record.password, wanted);
  const settings = { ...settingsOf(record), hidden, retention, password, ...headerSetting(header) };
  if (retention === record.retention) return settings;
  return { ...settings, goneThrough: Math.max(record.goneThrough ?? 0, nowMs - record.retention * DAY_MS) };
}

function isSame(record: RoomRecord, { hidden, retention, password, header }: RoomSettings): boolean {
  return (
    record.hidden === hidden &&
    record.retention === retention &&
    record.password === password &&
    record.header === header
  );
}
