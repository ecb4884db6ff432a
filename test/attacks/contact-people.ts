import { hash } from 'node:crypto';
import { expect } from 'vitest';
import type { Notice } from '../../client/sdk/index.ts';
import { pairOf, type UserId } from '../../src/protocol/ids.ts';
import { directName, directNameInput } from '../../src/protocol/layouts/direct-name.ts';
import type { RoomName } from '../../src/protocol/names.ts';
import type { Actor, Theatre } from '../support/hostile/theatre.ts';

export interface Person extends Actor {
  readonly name: string;
  readonly id: UserId;
}

async function person(theatre: Theatre, base: string, honestly = false): Promise<Person> {
  const name = theatre.name(base);
  const actor = await theatre.actor(name, { honestly });
  return { ...actor, name, id: (await actor.client.me()).id };
}

/** Alice's server is the hostile one. */
export async function three(theatre: Theatre): Promise<{ alice: Person; bob: Person; mallory: Person }> {
  return {
    alice: await person(theatre, 'Alice'),
    bob: await person(theatre, 'Bob', true),
    mallory: await person(theatre, 'Mallory', true),
  };
}

/** Of their first direct room. */
export const nameFor = (one: UserId, other: UserId): RoomName =>
  directName(new Uint8Array(hash('sha256', directNameInput(pairOf(one, other), 1), 'buffer')));

/** The next notice that fits, and what came before it is passed over. */
export async function noticed<Type extends Notice['type']>(
  { client }: Person,
  type: Type,
  act: () => Promise<unknown>,
): Promise<Extract<Notice, { readonly type: Type }>> {
  const notices = client.notices();
  await act();
  for await (const notice of notices)
    if (notice.type === type) return notice as Extract<Notice, { readonly type: Type }>;
  return expect.unreachable();
}
