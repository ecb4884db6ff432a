import type { FormerRole, MemberEntry, Role } from '../../../src/protocol/entities.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';

/** Stretches of former members that are kept; beyond it the oldest ones go, and old messages show `recipients_differ` no more. */
export const PAST_STRETCHES_MAX = 4 * ROOM_MEMBERS_MAX;
/** Roles of earlier that are kept; beyond it the oldest ones go, and who had one then is not known any more. */
export const FORMER_ROLES_MAX = 4 * ROOM_MEMBERS_MAX;

/** A stretch of membership whose identity was looked at; `Entry` is what that look made of it. */
export type Stretch<Entry> = Entry & Pick<MemberEntry, 'user' | 'since' | 'left' | 'role' | 'joined'>;

/**
 * Who was a member of a room at which version of its roster, as far back as `knownSince`. An entry is one stretch under
 * one identity: a user whose keys change ends one and begins the next.
 */
export class Roster<Entry> {
  readonly #current = new Map<UserId, Stretch<Entry>>();
  #past: Stretch<Entry>[] = [];
  /** Ascending by `until`. */
  #formerRoles: FormerRole[] = [];
  /** Roles at this version and every later one are known, as far as members are. */
  #rolesKnownSince = Number.POSITIVE_INFINITY;
  #version = 0;
  #knownSince = Number.POSITIVE_INFINITY;

  get version(): number {
    return this.#version;
  }

  /** Members at this version and every later one are known. */
  get knownSince(): number {
    return this.#knownSince;
  }

  /** How many are members now. */
  get size(): number {
    return this.#current.size;
  }

  /** Ascending by user id, as wraps and `recipients` want it. */
  current(): readonly Stretch<Entry>[] {
    return ascending([...this.#current.values()]);
  }

  find(user: UserId): Stretch<Entry> | undefined {
    return this.#current.get(user);
  }

  /** Undefined when that version lies outside of what is known. */
  membersAt(version: number): readonly Stretch<Entry>[] | undefined {
    if (!this.#knows(version)) return undefined;
    const covers = covering(version);
    return ascending([...this.#past.filter(covers), ...[...this.#current.values()].filter(covers)]);
  }

  /** Undefined when that version lies outside of what is known. */
  wasMember(user: UserId, version: number): boolean | undefined {
    return this.#knows(version) ? this.stretchesOf(user).some(covering(version)) : undefined;
  }

  /** Undefined when the user was no member then, or that is not known. */
  roleAt(user: UserId, version: number): Role | undefined {
    if (!this.#knows(version) || version < this.#rolesKnownSince) return undefined;
    const stretch = this.stretchesOf(user).find(covering(version));
    if (stretch === undefined) return undefined;
    const { left = Number.POSITIVE_INFINITY } = stretch;
    const next = this.#formerRoles.find(
      (former) => former.user === user && former.until > version && former.until <= left,
    );
    return next?.role ?? stretch.role;
  }

  /** A membership that ended after this version: only by new keys, or otherwise. `membership`, too, when that is not known. */
  departureAfter(version: number): 'membership' | 'rotation' | undefined {
    if (!this.#knows(version)) return 'membership';
    const ended = this.#past.filter(({ left = 0 }) => left > version);
    if (ended.length === 0) return undefined;
    const goesOn = ({ user, left }: Stretch<Entry>): boolean =>
      this.stretchesOf(user).some(({ since }) => since === left);
    return ended.every(goesOn) ? 'rotation' : 'membership';
  }

  /** Every stretch known of a user, oldest first. */
  stretchesOf(user: UserId): readonly Stretch<Entry>[] {
    const current = this.#current.get(user);
    const past = this.#past.filter((stretch) => stretch.user === user);
    return (current === undefined ? past : [...past, current]).sort((a, b) => a.since - b.since);
  }

  /** All members at one version; nothing is known of earlier ones then. */
  replace(version: number, members: readonly Stretch<Entry>[]): void {
    this.#current.clear();
    this.#past = [];
    for (const member of members) this.#current.set(member.user, member);
    this.#version = version;
    this.#knownSince = version;
    this.#formerRoles = [];
    this.#rolesKnownSince = version;
  }

  /** Every stretch that began or ended after version `since`, up to `version`, and the roles that ended; undefined: the server does not tell those. */
  extend(
    since: number,
    version: number,
    stretches: readonly Stretch<Entry>[],
    roles?: readonly FormerRole[],
  ): void {
    for (const stretch of [...stretches].sort((a, b) => a.since - b.since)) this.#put(stretch);
    this.#version = Math.max(this.#version, version);
    this.#knownSince = Math.min(this.#knownSince, since);
    this.#rolesKnownSince = roles === undefined ? version : Math.min(this.#rolesKnownSince, since);
    this.#keepRoles(roles ?? []);
  }

  /** 'gap' when versions are missing in between, which `members {since}` has; 'known' for an old event. */
  apply(
    event: Pick<EventBody<'roster'>, 'version'>,
    stretches: readonly Stretch<Entry>[],
  ): 'applied' | 'known' | 'gap' {
    if (event.version <= this.#version) return 'known';
    if (event.version !== this.#version + 1) return 'gap';
    for (const { user, since, role } of stretches) {
      const present = this.#current.get(user);
      if (present?.since === since && present.role !== role)
        this.#formerRoles.push({ user, role: present.role, until: event.version });
    }
    this.#dropRoles();
    for (const stretch of stretches) this.#put(stretch);
    this.#version = event.version;
    return 'applied';
  }

  #knows(version: number): boolean {
    return version >= this.#knownSince && version <= this.#version;
  }

  #put(stretch: Stretch<Entry>): void {
    const present = this.#current.get(stretch.user);
    if (stretch.left !== undefined) {
      if (present !== undefined && present.since <= stretch.since) this.#current.delete(stretch.user);
      this.#keep(stretch);
      return;
    }
    if (present !== undefined && present.since > stretch.since) return;
    // A new identity ends the stretch before it at the version where its own begins.
    if (present !== undefined && present.since < stretch.since)
      this.#keep({ ...present, left: stretch.since });
    this.#current.set(stretch.user, stretch);
  }

  #keepRoles(roles: readonly FormerRole[]): void {
    const all = new Map([...this.#formerRoles, ...roles].map((role) => [`${role.until}.${role.user}`, role]));
    this.#formerRoles = [...all.values()].sort((a, b) => a.until - b.until);
    this.#dropRoles();
  }

  #dropRoles(): void {
    const dropped = this.#formerRoles.splice(0, this.#formerRoles.length - FORMER_ROLES_MAX).at(-1);
    if (dropped !== undefined) this.#rolesKnownSince = Math.max(this.#rolesKnownSince, dropped.until);
  }

  #keep(stretch: Stretch<Entry>): void {
    this.#past = this.#past.filter((other) => other.user !== stretch.user || other.since !== stretch.since);
    this.#past.push(stretch);
    if (this.#past.length <= PAST_STRETCHES_MAX) return;
    const dropped = this.#past.shift();
    this.#knownSince = Math.max(this.#knownSince, dropped?.left ?? 0);
  }
}

function covering(version: number): (stretch: Pick<MemberEntry, 'since' | 'left'>) => boolean {
  return ({ since, left }) => since <= version && (left === undefined || left > version);
}

function ascending<E extends { readonly user: UserId }>(entries: E[]): readonly E[] {
  return entries.sort((a, b) => (a.user < b.user ? -1 : a.user > b.user ? 1 : 0));
}
