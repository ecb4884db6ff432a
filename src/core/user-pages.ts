import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseUserId, type UserId } from '../protocol/ids.ts';
import type { UserName } from '../protocol/names.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Identities } from './identities.ts';

/** Some of many users: those after the last one of the page before, in ascending order of ids. */
export interface UserPage {
  readonly listed: readonly UserId[];
  /** For the page after it; none after the last. */
  readonly next: { readonly cursor?: Uint8Array };
}

/** The last user of the page before; undefined at the start. */
export function userBefore(cursor: Uint8Array | undefined): { readonly user: UserId | undefined } | Refusal {
  if (cursor === undefined) return { user: undefined };
  const user = parseUserId(decodeCursor(cursor)?.[0]);
  return user === undefined ? refuse('bad_request', { message: 'cursor' }) : { user };
}

/** `ascending`: all users; the page has at most `size` of those after `before`. */
export function userPage(ascending: readonly UserId[], before: UserId | undefined, size: number): UserPage {
  const rest = ascending.filter((user) => before === undefined || user > before);
  const listed = rest.slice(0, size);
  const last = listed.at(-1);
  return {
    listed,
    next: rest.length > listed.length && last !== undefined ? { cursor: encodeCursor([last]) } : {},
  };
}

/** A page for people: users with their names. Accounts that are gone are left out. */
export async function namedUsers(
  identities: Pick<Identities, 'names'>,
  { listed, next }: UserPage,
): Promise<{
  readonly users: { readonly user: UserId; readonly name: UserName }[];
  readonly cursor?: Uint8Array;
}> {
  const names = await identities.names(listed);
  const users = listed.flatMap((user) => {
    const name = names.get(user);
    return name === undefined ? [] : [{ user, name }];
  });
  return { users, ...next };
}
