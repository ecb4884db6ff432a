import type { FormerRole, MemberEntry, SignedIdentity } from '../../../src/protocol/entities.ts';
import { ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, hasCode, localError } from '../errors.ts';
import type { People } from '../people/people.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomState } from './room-state.ts';
import type { Stretch } from './roster.ts';

/** A roster that changes while its pages are read is read again, at most so often. */
const ROSTER_READS_MAX = 10;
/** Pages of one reading; a server that gives more is not giving a roster. */
const ROSTER_PAGES_MAX = 256;
/** Stretches of one reading: a busy month, and what a client can hold. */
const STRETCHES_READ_MAX = 16 * ROOM_MEMBERS_MAX;

export interface RosterEntry {
  readonly name: UserName;
  readonly signed: SignedIdentity;
  /** Undefined: the signatures of `signed` don't hold. What it is worth is for People to say, each time it is used. */
  readonly identity: VerifiedIdentity | undefined;
}
export type RosterStretch = Stretch<RosterEntry>;

interface RosterRead {
  readonly version: number;
  readonly stretches: readonly RosterStretch[];
  /** Of what is read since a version: the roles that ended. Undefined: the server does not tell them. */
  readonly roles: readonly FormerRole[] | undefined;
}

export interface RosterReadingOptions {
  readonly link: Link;
  readonly people: People;
  readonly book: RoomBook;
  readonly state: RoomState;
}

/** Reads rosters of one room, page by page, however long that takes. */
export class RosterReading {
  readonly #options: RosterReadingOptions;

  constructor(options: RosterReadingOptions) {
    this.#options = options;
  }

  /** A member as the server lists one, whose identity was looked at. */
  async stretchOf({ identity: signed, ...member }: MemberEntry): Promise<RosterStretch> {
    const { user, name, since, left } = member;
    const { book, people, state } = this.#options;
    const identity = await people.observe(user, name, signed);
    if (identity !== undefined)
      await book.ends.listed({ room: state.info.room, user, identity, since, left }, state.entered);
    return { ...member, signed, identity };
  }

  /** The members at the present version, or with `since` every stretch that began or ended after that version. `gone`: that is not kept. */
  async read(since: number | undefined): Promise<RosterRead | 'gone'> {
    for (let reads = 0; reads < ROSTER_READS_MAX; reads += 1) {
      try {
        return await this.#readPages(since);
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
        await this.#options.link.pause(error.retryAfterMs ?? 0);
      }
    }
    throw localError('conflict', 'members_moving');
  }

  async #readPages(since: number | undefined): Promise<RosterRead | 'gone'> {
    const stretches: RosterStretch[] = [];
    const roles: FormerRole[] | undefined = this.#options.link.has('roles') ? [] : undefined;
    const most = since === undefined ? ROOM_MEMBERS_MAX : STRETCHES_READ_MAX;
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < ROSTER_PAGES_MAX && stretches.length <= most; pages += 1) {
      const body = {
        room: this.#options.state.info.room,
        ...(since === undefined ? {} : { since }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await this.#page(body);
      if (page === undefined) return 'gone';
      for (const member of page.members) stretches.push(await this.stretchOf(member));
      roles?.push(...(page.roles ?? []));
      if (page.cursor === undefined) return { version: page.version, stretches, roles };
      cursor = page.cursor;
    }
    throw endless();
  }

  /** Undefined: the server no longer keeps what changed since that version. */
  async #page(body: RequestBody<'members'>): Promise<ReplyBody<'members'> | undefined> {
    try {
      return await this.#options.link.request('members', body, { timeoutMs: undefined });
    } catch (error) {
      const isConflict = hasCode(error, 'conflict');
      if (isConflict && body.since !== undefined && body.cursor === undefined) return undefined;
      throw error;
    }
  }
}

export function endless(): ConclaveError {
  return localError('too_large', 'members_endless');
}
