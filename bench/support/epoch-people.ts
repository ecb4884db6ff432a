import { WebSocket } from 'ws';
import { newPrekeyChain, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import { type ConclaveClient, createClient, memoryStorage, newAccountKeys } from '../../client/sdk/index.ts';
import { roomName, type SharedKeys } from '../../loadtest/wire/accounts.ts';
import { inTurns } from '../../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { userName, WireSession } from '../../loadtest/wire/wire-session.ts';

const REGISTERED_AT_ONCE = 16;

export type Login = (session: WireSession) => Promise<unknown>;

/** Accounts with a prekey for this week, as members have who were online lately. They share one key pair. */
export function registerMembers(
  url: string,
  { keys }: SharedKeys,
  names: readonly string[],
): Promise<Login[]> {
  const buffer = new ReadBuffer();
  return inTurns(names, REGISTERED_AT_ONCE, async (text) => {
    const [name, createdAt] = [userName(text), Date.now()];
    const session = await WireSession.open(url, buffer);
    await session.register(name, keys, createdAt);
    const { user, token } = await session.login(name, keys);
    const prekeys = await signPrekeys(newPrekeyChain(), { user, createdAt }, keys, 1);
    await session.request('prekey', { prekeys });
    session.socket.close(1000);
    return (again: WireSession) => again.resume(token, keys);
  });
}

/** A connection of its own, which is closed after it. */
export async function joinOnce(url: string, login: Login, room: string): Promise<void> {
  const session = await WireSession.open(url, new ReadBuffer());
  await login(session);
  await session.request('join', { name: roomName(room), suite: 2 });
  session.socket.close(1000);
}

/** A real client with a new account. */
export async function newClient(url: string, name: string): Promise<ConclaveClient> {
  const client = await createClient({
    ...{ server: url, storage: memoryStorage(await newAccountKeys(name)), webSocket: WebSocket },
    timeoutMs: undefined,
  });
  await client.register();
  return client;
}
