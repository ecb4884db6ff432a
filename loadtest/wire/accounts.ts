import pRetry from 'p-retry';
import {
  generatePrivateKeys,
  type IdentityKeys,
  loadIdentityKeys,
} from '../../client/crypto/identity-keys.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../../src/protocol/ids.ts';
import { parseRoomName, type RoomName, type UserName } from '../../src/protocol/names.ts';
import { inTurns } from './in-turns.ts';
import type { ReadBuffer } from './raw-web-socket.ts';
import { userName, type WireOptions, WireSession } from './wire-session.ts';

/** Accounts set up at the same time: enough to keep both sides busy. */
const AT_ONCE = 16;

export interface Account {
  readonly name: UserName;
  readonly user: UserId;
  readonly token: Uint8Array;
  readonly keys: IdentityKeys;
}

/** Key pairs are slow to make and the server does not care: accounts of a run share them. */
export interface SharedKeys {
  readonly keys: IdentityKeys;
  /** For child processes. */
  readonly rsaHex: string;
  readonly ed25519Hex: string;
}

export async function makeSharedKeys(): Promise<SharedKeys> {
  const { rsa, ed25519 } = await generatePrivateKeys();
  return loadSharedKeys(toHex(rsa), toHex(ed25519));
}

export async function loadSharedKeys(rsaHex: string, ed25519Hex: string): Promise<SharedKeys> {
  const [rsa, ed25519] = [bytesOf(rsaHex), bytesOf(ed25519Hex)];
  const loaded = await loadIdentityKeys({ rsa, ed25519 });
  if (!loaded.ok) throw new Error(loaded.reason);
  return { keys: loaded.keys, rsaHex, ed25519Hex };
}

export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error('not hexadecimal');
  return bytes;
}

/** Registers and logs in; `act` runs in the open session, which is closed after it. */
export function makeAccounts(
  url: string,
  buffer: ReadBuffer,
  keys: IdentityKeys,
  names: readonly string[],
  act: (session: WireSession, index: number) => Promise<void>,
  options: WireOptions = {},
): Promise<Account[]> {
  return inTurns(names, AT_ONCE, async (text, index) => {
    const name = userName(text);
    const session = await WireSession.open(url, buffer, options);
    await session.register(name, keys);
    const { user, token } = await session.login(name, keys);
    await act(session, index);
    session.socket.close(1000);
    return { name, user, token, keys };
  });
}

export function roomName(text: string): RoomName {
  const name = parseRoomName(text);
  if (name === undefined) throw new Error(`${text} is no room name`);
  return name;
}

/** A node changes few rosters at a time: the others are told to come back. */
const crowded = { retries: 50, minTimeout: 500, factor: 1, randomize: true } as const;

/** Makes the room by its owner, then joins the others one after the other: they'd only wait for each other's roster. */
export async function makeRoom(
  url: string,
  buffer: ReadBuffer,
  room: {
    readonly name: string;
    readonly retention: number;
    readonly suite?: 2;
    readonly members: readonly Account[];
  },
  options: WireOptions = {},
): Promise<{ readonly room: RoomId; readonly version: number }> {
  const { retention } = room;
  const suite = room.suite === undefined ? {} : { suite: room.suite };
  const name = roomName(room.name);
  const [owner, ...others] = room.members;
  if (owner === undefined) throw new Error('a room has an owner');
  const asMember = async (account: Account): Promise<WireSession> => {
    const session = await WireSession.open(url, buffer, options);
    await session.resume(account.token, account.keys);
    return session;
  };
  const ownerSession = await asMember(owner);
  const created = await ownerSession.request('create', { name, hidden: true, retention, ...suite });
  ownerSession.socket.close(1000);
  let version = created.info.version;
  for (const account of others) {
    const session = await asMember(account);
    version = (await pRetry(() => session.request('join', { name, ...suite }), crowded)).info.version;
    session.socket.close(1000);
  }
  return { room: created.info.room, version };
}

export function toRoomId(text: unknown): RoomId {
  const room = parseRoomId(text);
  if (room === undefined) throw new Error('no room id');
  return room;
}

export function toUserId(text: unknown): UserId {
  const user = parseUserId(text);
  if (user === undefined) throw new Error('no user id');
  return user;
}
