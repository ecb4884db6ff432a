import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import { CAST_FILE, type Cast, type CastRoom, FRAMES_FILE } from '../cast.ts';
import type { Parameters } from '../parameters.ts';
import { progressOf } from '../progress.ts';
import { type Account, makeAccounts } from '../wire/accounts.ts';
import { makePreparedRoom, type PreparedRoom } from '../wire/first-epoch.ts';
import { inTurns } from '../wire/in-turns.ts';
import { ReadBuffer } from '../wire/raw-web-socket.ts';
import { preparedFrames } from './frames.ts';
import { keyPool } from './key-pool.ts';

/** k6 holds the frames in memory. */
const FRAME_BYTES_MAX = 384 * 1_024 * 1_024;
const HEADER_AND_SIGNATURE_BYTES = 500;
const BASE64 = 4 / 3;
const ROOMS_AT_ONCE = 4;

export interface PrepareOptions {
  readonly scenario: string;
  readonly parameters: Parameters;
  readonly url: string;
  readonly origin: Origin;
  readonly slowUrl?: string;
  /** Where cast.json and frames.txt go. */
  readonly folder: string;
  readonly keysFile: string;
  /** Gets a line per step. */
  readonly say: (line: string) => void;
  /** Ends the preparation between two steps. */
  readonly signal: AbortSignal;
}

/** Says what does not fit into k6's memory, or nothing. */
export function tooManyFrames(parameters: Parameters): string | undefined {
  const count = parameters.rooms * messagesOfRoom(parameters);
  const wrapsBytes = parameters.suite === 1 ? parameters.members * WRAP_BYTES : 0;
  const each = parameters['text-bytes'] + wrapsBytes + HEADER_AND_SIGNATURE_BYTES;
  const bytes = count * each * BASE64;
  if (bytes <= FRAME_BYTES_MAX) return undefined;
  const mebibytes = (value: number): string => `${Math.round(value / 1_024 / 1_024)} MiB`;
  return (
    `${count} prepared messages take ${mebibytes(bytes)} of k6's memory; ${mebibytes(FRAME_BYTES_MAX)} is the limit: ` +
    'lower --rooms, --messages-per-second, --seconds, --members or --text-bytes'
  );
}

function messagesOfRoom(parameters: Parameters): number {
  return parameters['messages-per-second'] * parameters.seconds;
}

/** Registers the accounts, makes the rooms, and seals every message that will be sent. */
export async function prepare(options: PrepareOptions): Promise<Cast> {
  const { parameters, folder, say } = options;
  mkdirSync(folder, { recursive: true });
  const keys = await keyPool(options.keysFile, parameters['key-pairs']);
  say(`registering ${parameters.rooms * parameters.members} accounts`);
  const accounts = await registerAll(
    options,
    keys.map((pair) => pair.keys),
  );
  options.signal.throwIfAborted();
  say(`making ${parameters.rooms} rooms of ${parameters.members} members`);
  const rooms = await makeRooms(options, accounts);
  options.signal.throwIfAborted();
  say(`sealing ${parameters.rooms * messagesOfRoom(parameters)} messages`);
  const castRooms = await writeFrames(options, rooms);
  const cast: Cast = {
    scenario: options.scenario,
    parameters,
    url: options.url,
    origin: options.origin,
    ...(options.slowUrl !== undefined && { slowUrl: options.slowUrl }),
    rsaKeys: keys.map(({ rsaHex }) => rsaHex),
    rooms: castRooms,
  };
  writeFileSync(join(folder, CAST_FILE), JSON.stringify(cast), { mode: 0o600 });
  return cast;
}

type KeysOf = Account['keys'];

/** In the order of the rooms: the first `members` are the first room's. */
async function registerAll(options: PrepareOptions, keys: readonly KeysOf[]): Promise<readonly Account[]> {
  const { url, origin, parameters, signal } = options;
  const run = randomBytes(4).toString('hex');
  const count = parameters.rooms * parameters.members;
  const names = Array.from({ length: count }, (_, index) => `load${run}${index}`);
  const ofKey = (key: number): string[] => names.filter((_, index) => index % keys.length === key);
  const byName = new Map<string, Account>();
  const registered = progressOf(count, options.say);
  for (const [key, pair] of keys.entries()) {
    const act = (): Promise<void> => {
      signal.throwIfAborted();
      registered();
      return Promise.resolve();
    };
    const made = await makeAccounts(url, new ReadBuffer(), pair, ofKey(key), act, { origin });
    for (const account of made) byName.set(account.name, account);
  }
  return names.flatMap((name) => byName.get(name) ?? []);
}

function makeRooms(options: PrepareOptions, accounts: readonly Account[]): Promise<PreparedRoom[]> {
  const { url, origin, parameters, signal } = options;
  const { members: size } = parameters;
  const numbers = Array.from({ length: parameters.rooms }, (_, index) => index);
  const run = randomBytes(4).toString('hex');
  return inTurns(numbers, ROOMS_AT_ONCE, async (index) => {
    signal.throwIfAborted();
    const members = accounts.slice(index * size, (index + 1) * size);
    const { suite, 'retention-days': retention } = parameters;
    return makePreparedRoom(url, { name: `load${run}${index}`, retention, suite, members }, { origin });
  });
}

async function writeFrames(
  { folder, parameters, signal, say }: PrepareOptions,
  rooms: readonly PreparedRoom[],
): Promise<readonly CastRoom[]> {
  const file = createWriteStream(join(folder, FRAMES_FILE), { mode: 0o600 });
  const plan = {
    count: messagesOfRoom(parameters),
    senders: parameters.senders,
    textBytes: parameters['text-bytes'],
  };
  const fastMembers = parameters.members - parameters['slow-members'];
  const cast: CastRoom[] = [];
  const sealed = progressOf(rooms.length * plan.count, say);
  for (const room of rooms) {
    for await (const frame of preparedFrames(room, plan)) {
      signal.throwIfAborted();
      await writeLine(file, Buffer.from(frame).toString('base64'));
      sealed();
    }
    cast.push({
      room: room.room,
      members: room.members.map(({ name, user }, index) => ({
        name,
        user,
        key: (cast.length * parameters.members + index) % parameters['key-pairs'],
        slow: index >= fastMembers,
      })),
      firstFrame: cast.length * plan.count,
      frames: plan.count,
    });
  }
  file.end();
  await once(file, 'finish');
  return cast;
}

async function writeLine(file: WriteStream, line: string): Promise<void> {
  if (!file.write(`${line}\n`)) await once(file, 'drain');
}
