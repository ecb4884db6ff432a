import type { Role, RoomInfo } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { HeaderLayout } from '../../../src/protocol/layouts/message-header.ts';
import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import { foldName, parseRoomName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { newRoomSalt } from '../../crypto/room-password.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, type ConclaveErrorCode, hasCode, localError } from '../errors.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { EnteredRoom } from './entered-room.ts';
import type { LifeKeeper } from './life-keeper.ts';
import { listedPrekeys } from './member-prekeys.ts';
import { checkedWhy } from './message-content.ts';
import { retentionFields } from './retention.ts';
import type { BannedUser, RoomActs } from './room-acts.ts';
import { type RoomBook, roomKeysOf } from './room-book.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';

/** Pages of bans that are read: more than a room can have. */
const BANS_PAGES_MAX = 64;
/** Members whom a refusal names. */
const UNREADY_NAMED_MAX = 10;

type Act = 'rename' | 'update' | 'kick' | 'ban' | 'unban' | 'grant' | 'revoke' | 'delete';

export interface RoomRuleOptions {
  readonly link: Link;
  /** For what somebody waits for; a feed lives through outages. */
  readonly timeoutMs: number | undefined;
  readonly book: RoomBook;
  readonly account: OwnAccount;
  readonly state: RoomState;
  readonly roster: RoomRoster;
  readonly room: EnteredRoom;
  readonly life: LifeKeeper;
  readonly epochs: { readonly exposedBy: readonly UserName[] };
}

/** What the server says of a room, and the acts of its owners and moderators. A request whose answer was lost is asked again, and done once. */
export class RoomRule implements RoomActs {
  readonly #options: RoomRuleOptions;

  constructor(options: RoomRuleOptions) {
    this.#options = options;
  }

  get id(): RoomId {
    return this.#info.room;
  }
  get name(): ShownRoomName {
    return this.#options.state.name;
  }
  get direct(): UserId | undefined {
    return this.#options.state.direct?.user;
  }
  get role(): Role {
    return this.#info.role;
  }
  get joined(): number {
    return this.#info.joined;
  }
  get head(): number {
    return this.#info.head;
  }
  get retention(): number {
    return this.#info.retention;
  }
  get retentionHours(): number {
    return this.#options.state.settings.retentionHours;
  }
  get life(): number {
    return this.#options.life.seconds;
  }
  get hidden(): boolean {
    return this.#info.hidden;
  }
  get header(): number {
    return this.#options.state.settings.header;
  }
  get suite(): number {
    return this.#options.state.settings.suite;
  }
  get exposedBy(): readonly UserName[] {
    return this.suite === SUITE_FIRST ? [] : this.#options.epochs.exposedBy;
  }
  get locked(): boolean {
    return this.#info.password > 0;
  }
  get online(): number {
    return this.#options.state.online;
  }
  get unlocked(): boolean {
    return this.#options.state.unlocked;
  }
  get #info(): RoomInfo {
    return this.#options.state.info;
  }

  async rename(name: string): Promise<void> {
    const wanted = parseRoomName(name);
    if (wanted === undefined) throw localError('invalid_name', 'bad_room_name');
    const { book, room } = this.#options;
    const former = this.#info.name;
    await this.#ask('rename', { room: this.id, name: wanted });
    if (foldName(former) !== foldName(wanted)) await book.pins.giveUp(this.id, former);
    await room.refresh();
  }

  async setRetention(days: number): Promise<void> {
    // Half days are no hours that anybody meant.
    await this.setRetentionHours(Number.isInteger(days) ? 24 * days : Number.NaN);
  }

  async setRetentionHours(hours: number): Promise<void> {
    await this.#ask('update', { room: this.id, ...retentionFields(hours) });
    await this.#options.room.refresh();
  }

  async setLife(seconds: number): Promise<void> {
    await this.#options.life.set(seconds);
    await this.#options.room.refresh();
  }

  async setHidden(hidden: boolean): Promise<void> {
    await this.#ask('update', { room: this.id, hidden });
    await this.#options.room.refresh();
  }

  async raiseHeader(layout: HeaderLayout): Promise<void> {
    await this.#ask('update', { room: this.id, header: layout });
    await this.#options.room.refresh();
  }

  async raiseSuite(suite: 2): Promise<void> {
    try {
      await this.#ask('update', { room: this.id, suite });
    } catch (error) {
      if (hasCode(error, 'unsupported_version')) await this.#refuseToCutOff(error);
      throw error;
    }
    await this.#options.room.refresh();
  }

  /** Says who has published no prekey for this week, which is why the server refused. Returns if everybody has one by now. */
  async #refuseToCutOff(cause: ConclaveError): Promise<void> {
    const { link, roster, timeoutMs } = this.#options;
    const listed = await listedPrekeys(link, this.id, timeoutMs);
    const { members } = await link.limited(timeoutMs, roster.current());
    const unready = members.filter(({ user }) => !listed.has(user)).map(({ name }) => name);
    if (unready.length === 0) return;
    const named = unready.slice(0, UNREADY_NAMED_MAX).join(', ');
    const users = unready.length > UNREADY_NAMED_MAX ? `${named}, …` : named;
    throw localError('unsupported_version', 'suite_cuts_off', { room: this.name, users }, cause);
  }

  async setPassword(password: string | undefined): Promise<{ readonly toTell: readonly UserName[] }> {
    const { account, book, link, room, roster, state, timeoutMs } = this.#options;
    const salt = newRoomSalt();
    const keys = password === undefined ? undefined : await roomKeysOf(password, salt);
    const wanted = keys === undefined ? {} : { salt, proof: keys.proof };
    const reply = await link.request('update', { room: this.id, password: wanted }, { timeoutMs });
    if (keys !== undefined) await book.putSecret(this.id, reply.password, keys.secret);
    // The own decision: nothing that has to be accepted.
    await book.pins.accept(state.info.name, {
      room: this.id,
      password: keys === undefined ? 0 : reply.password,
    });
    await room.refresh();
    const { members } = await link.limited(timeoutMs, roster.current());
    return { toTell: members.filter(({ user }) => user !== account.user).map(({ name }) => name) };
  }

  async delete(): Promise<void> {
    await this.#ask('delete', { room: this.id }, 'not_a_member');
    await this.#options.book.ended(this.id, 'left');
    this.#options.room.gone('deleted');
  }

  async kick(user: string, why?: string): Promise<void> {
    const reason = checkedWhy(why);
    const body = { room: this.id, user: await this.#member(user), ...reason };
    await this.#ask('kick', body, 'no_such_member');
  }

  async ban(user: string, why?: string): Promise<void> {
    const reason = checkedWhy(why);
    await this.#ask('ban', { room: this.id, user: await this.#anybody(user), ...reason });
  }

  async unban(user: string): Promise<void> {
    await this.#ask('unban', { room: this.id, user: await this.#anybody(user) });
  }

  async bans(): Promise<readonly BannedUser[]> {
    const { link, timeoutMs } = this.#options;
    const banned: BannedUser[] = [];
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < BANS_PAGES_MAX; pages += 1) {
      const body = { room: this.id, ...(cursor === undefined ? {} : { cursor }) };
      const page = await link.request('bans', body, { timeoutMs });
      for (const { user: id, name: user } of page.users) banned.push({ user, id });
      cursor = page.cursor;
      if (cursor === undefined) return banned.sort((a, b) => (foldName(a.user) < foldName(b.user) ? -1 : 1));
    }
    throw localError('too_large', 'bans_endless');
  }

  async grant(user: string): Promise<void> {
    await this.#ask('grant', { room: this.id, user: await this.#member(user), role: 'moderator' });
  }

  async revoke(user: string): Promise<void> {
    await this.#ask('revoke', { room: this.id, user: await this.#member(user) });
  }

  async handOver(user: string): Promise<void> {
    const heir = await this.#member(user);
    let repeated = false;
    try {
      const body = { room: this.id, user: heir, role: 'owner' } as const;
      const { link, timeoutMs } = this.#options;
      await link.request('grant', body, { timeoutMs, onRepeat: () => (repeated = true) });
    } catch (error) {
      // Once it is done, one may not do it again.
      if (!repeated || !(error instanceof ConclaveError) || error.code !== 'forbidden') throw error;
      await this.#options.room.refresh();
      if ((await this.#find(user))?.role !== 'owner') throw error;
    }
    await this.#options.room.refresh();
  }

  /** `done`: what an act that took effect, and whose answer was lost, is refused with when it is asked for again. */
  async #ask<Name extends Act>(name: Name, body: RequestBody<Name>, done?: ConclaveErrorCode): Promise<void> {
    const { link, timeoutMs } = this.#options;
    let repeated = false;
    try {
      await link.request(name, body, { timeoutMs, onRepeat: () => (repeated = true) });
    } catch (error) {
      if (!repeated || !(error instanceof ConclaveError) || error.code !== done) throw error;
    }
  }

  async #member(user: string): Promise<UserId> {
    const found = await this.#find(user);
    if (found === undefined)
      throw localError('no_such_member', 'no_such_member', {
        user: nameOf(user),
        room: this.name,
      });
    return found.user;
  }

  /** A member, or whoever the server says has the name. */
  async #anybody(user: string): Promise<UserId> {
    const name = nameOf(user);
    const { link, timeoutMs } = this.#options;
    return (await this.#find(name))?.user ?? (await link.request('identity', { name }, { timeoutMs })).user;
  }

  #find(user: string): Promise<{ readonly user: UserId; readonly role: Role } | undefined> {
    const { roster, timeoutMs } = this.#options;
    return roster.find(nameOf(user), timeoutMs);
  }
}

function nameOf(user: string): UserName {
  const name = parseUserName(user);
  if (name === undefined) throw localError('invalid_name', 'bad_user_name');
  return name;
}
