import { type ConclaveClient, ConclaveError, type Person } from '../../../client/sdk/index.ts';

/** A person looks at a user's key, compares it (with `fingerprint`, when there is one to compare with), and marks it verified. */
export async function verifyUser(
  client: ConclaveClient,
  user: string,
  fingerprint?: string,
): Promise<Person> {
  const person = await client.person(user);
  if (fingerprint !== undefined && person.fingerprint !== fingerprint)
    throw new ConclaveError('trust', 'the fingerprints differ');
  await client.verify(person.shown);
  return client.person(user);
}

/** A person looks at a user's changed key and accepts it. */
export async function trustUser(client: ConclaveClient, user: string): Promise<Person> {
  await client.trust((await client.person(user)).shown);
  return client.person(user);
}

/** A person looks at what a room's name leads to and accepts it. */
export async function trustRoom(client: ConclaveClient, room: string): Promise<void> {
  await client.trustRoom(await client.inspectRoom(room));
}
