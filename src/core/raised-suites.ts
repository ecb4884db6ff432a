import type { RoomRecord } from '../domain/roster.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { SUITE_FIRST } from '../protocol/limits.ts';
import type { CoreParts } from './core-parts.ts';

/** A member without a prekey for this week may have no client that speaks suite 2. Undefined: the suite may be that. */
export async function unreadyForSuite(
  { stores, clock }: Pick<CoreParts, 'stores' | 'clock'>,
  record: RoomRecord,
  suite: number | undefined,
): Promise<Refusal | undefined> {
  const current = record.suite ?? SUITE_FIRST;
  if (suite === undefined || suite === current) return undefined;
  if (suite < current) return refuse('bad_request', { message: 'update: the suite is only raised' });
  const users = record.members.map(({ user }) => user);
  const ready = await stores.prekeys.current(users, clock.nowMs());
  if (ready.size === users.length) return undefined;
  return refuse('unsupported_version', {
    message: `update: ${users.length - ready.size} members have published no prekey for this week`,
  });
}
