import type { Room } from '../../client/sdk/index.ts';
import type { People } from '../../test/support/cluster/people.ts';

const SENDS_AT_ONCE = 200;

/** Of usual length. */
export function numberedText(number: number): string {
  return `number ${number}, and some more words so that it is about as long as what people write to each other`;
}

/** A new room of a new user. */
export async function roomOf(people: People, user: string, url: string, name: string): Promise<Room> {
  const { client } = await people.register(user, url);
  await client.create(name);
  return client.room(name);
}

/** So many numbered texts, from 0. */
export async function fillRoom(room: Room, messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent += SENDS_AT_ONCE) {
    const length = Math.min(SENDS_AT_ONCE, messages - sent);
    await Promise.all(Array.from({ length }, (_, at) => room.send(numberedText(sent + at))));
  }
}
