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
  const swapped = (entry: MemberEntry): MemberEntry => (entry.user === user ? { ...entry, identity } : entry);
  hostile.reply('members', (reply) => ({ ...reply, members: reply.members.map(swapped) }));
  hostile.reply('identity', (reply) => (reply.user === user ? { ...reply, chain: [identity] } : reply));
  hostile.onEvent = (event) =>
    event.name === 'roster'
      ? [{ ...event, body: { ...event.body, member: swapped(event.body.member) } }]
      : [event];
}
