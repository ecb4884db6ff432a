import { newAccountKeys } from '../../../client/sdk/index.ts';
import type { MemberEntry, SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { HostileServer } from './hostile-server.ts';
import type { Actor } from './theatre.ts';

/** Keys of the server's own under somebody's name. */
export async function impostorOf({ client }: Actor): Promise<SignedIdentity> {
  return newIdentityOf((await client.me()).user);
}

export async function newIdentityOf(user: string): Promise<SignedIdentity> {
  const [identity] = (await newAccountKeys(user)).identities;
  if (identity === undefined) throw new Error('an account has keys');
  return identity.signed;
}

/** The server shows these keys as those of that user, wherever it shows any. */
export function swapKeys(hostile: HostileServer, user: UserId, identity: SignedIdentity): void {
  showMember(hostile, user, { identity });
  hostile.reply('identity', (reply) => (reply.user === user ? { ...reply, chain: [identity] } : reply));
}

/** The server shows this user as another in the rosters of rooms. */
export function showMember(hostile: HostileServer, user: UserId, change: Partial<MemberEntry>): void {
  const shown = (entry: MemberEntry): MemberEntry => (entry.user === user ? { ...entry, ...change } : entry);
  hostile.reply('members', (reply) => ({ ...reply, members: reply.members.map(shown) }));
  hostile.onEvent = (event) =>
    event.name === 'roster'
      ? [{ ...event, body: { ...event.body, member: shown(event.body.member) } }]
      : [event];
}
