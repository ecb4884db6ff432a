import type { UserId } from '../../../src/protocol/ids.ts';
import type { Actor, Theatre } from './theatre.ts';

export interface Pair {
  readonly alice: Actor;
  readonly bob: Actor;
  readonly bobId: UserId;
  readonly bobs: string;
  readonly room: string;
}

/** Alice behind the hostile server, Bob honestly connected, both in one room that is his. */
export async function pairIn(theatre: Theatre, options: { readonly password?: string } = {}): Promise<Pair> {
  const [alice, bob] = await Promise.all([
    theatre.actor(theatre.name('Alice')),
    theatre.actor(theatre.name('Bob'), { honestly: true }),
  ]);
  const room = theatre.name('Lobby');
  await bob.client.create(room, options);
  await alice.client.join(room, options.password);
  const { id: bobId, user: bobs } = await bob.client.me();
  return { alice, bob, bobId, bobs, room };
}
