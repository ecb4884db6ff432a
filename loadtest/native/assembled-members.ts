import { toHex } from '../../src/protocol/bytes.ts';
import { progressOf } from '../progress.ts';
import { type Account, makeAccounts, type SharedKeys } from '../wire/accounts.ts';
import { makePreparedRoom, type PreparedRoom } from '../wire/first-epoch.ts';
import { inTurns } from '../wire/in-turns.ts';
import { ReadBuffer } from '../wire/raw-web-socket.ts';
import type { Fields } from './parent-and-child.ts';

/** A gateway changes two rosters at a time; the others overlap with what comes before and after a change. */
const ROOMS_AT_ONCE_PER_GATEWAY = 4;

export interface AssemblyOptions {
  /** Of all gateways, which share the work. */
  readonly urls: readonly string[];
  readonly shared: SharedKeys;
  readonly rooms: number;
  readonly members: number;
  readonly suite: number;
  readonly retentionDays: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Registers as many accounts as the rooms have members, and makes the rooms. */
export async function assemble(options: AssemblyOptions): Promise<readonly PreparedRoom[]> {
  const { urls, shared, members: size, say, signal } = options;
  const count = options.rooms * size;
  const run = Date.now().toString(36);
  say(`registering ${count} accounts`);
  const names = Array.from({ length: count }, (_, index) => `native${run}${index}`);
  const registered = progressOf(count, say);
  const register = (url: string, part: number): Promise<Account[]> =>
    makeAccounts(url, new ReadBuffer(), shared.keys, shareOf(names, part, urls.length), () => {
      signal.throwIfAborted();
      registered();
      return Promise.resolve();
    });
  const accounts = (await Promise.all(urls.map(register))).flat();
  say(`making ${options.rooms} rooms of ${size} members`);
  const numbers = Array.from({ length: options.rooms }, (_, index) => index);
  const made = progressOf(options.rooms, say);
  return inTurns(numbers, ROOMS_AT_ONCE_PER_GATEWAY * urls.length, async (index) => {
    signal.throwIfAborted();
    const url = urls[index % urls.length] ?? '';
    const members = accounts.slice(index * size, (index + 1) * size);
    const { suite, retentionDays: retention } = options;
    const room = await makePreparedRoom(url, { name: `native${run}${index}`, retention, suite, members });
    made();
    return room;
  });
}

/** What a child process needs to connect a member: its gateways take turns. */
export function memberFields(
  account: Account,
  room: PreparedRoom,
  urls: readonly string[],
  index: number,
): Fields {
  return { token: toHex(account.token), room: room.room, url: urls[index % urls.length] ?? '' };
}

/** Every so-manieth item, from this one on: the share of one of several processes. */
export function shareOf<Item>(items: readonly Item[], part: number, parts: number): Item[] {
  return items.filter((_, index) => index % parts === part);
}

/** A source address of its own for each process gives each all ephemeral ports. Only the loopback network has so many. */
export function localAddressOf(url: string, part: number): string | undefined {
  return new URL(url).hostname.startsWith('127.') && process.platform === 'linux'
    ? `127.0.1.${1 + part}`
    : undefined;
}
