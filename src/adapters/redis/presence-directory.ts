import type { DirectorySnapshot } from '../../ports/presence.ts';
import { parseRoomId, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { Keys } from './keys.ts';
import { chunks, replyList, replyNumber, replyText } from './reply.ts';
import { type RunScript, Script } from './script.ts';

const FLUSH_PAUSE_MS = 25;
const FLUSH_RETRY_MS = 500;
const FLUSH_BATCH_MAX = 256;
/** Rooms that one step of a snapshot reads, about. */
const SNAPSHOT_STEP = 2000;

/**
 * KEYS rooms, users. ARGV number of rooms, then room, online, version of each, then user, '1' or '0', version of each.
 * What is older than what is known changes nothing.
 */
const updateDirectory: Script = new Script(`
local i = 2
for _ = 1, tonumber(ARGV[1]) do
  local room, online, version = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local known = redis.call('HGET', KEYS[1], room)
  if not known or tonumber(version) >= tonumber(string.match(known, ':(%d+)$')) then
    if online == '0' then
      redis.call('HDEL', KEYS[1], room)
    else
      redis.call('HSET', KEYS[1], room, online .. ':' .. version)
    end
  end
  i = i + 3
end
while i <= #ARGV do
  local user, version = ARGV[i], ARGV[i + 2]
  if ARGV[i + 1] == '1' then
    redis.call('ZADD', KEYS[2], 'GT', version, user)
  else
    local since = redis.call('ZSCORE', KEYS[2], user)
    if since and tonumber(since) <= tonumber(version) then redis.call('ZREM', KEYS[2], user) end
  end
  i = i + 3
end
return 1
`);

/** KEYS users. */
const countUsers: Script = new Script(`
return redis.call('ZCARD', KEYS[1])
`);

/** KEYS rooms. ARGV cursor, count. */
const scanRooms: Script = new Script(`
return redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
`);

/** KEYS rooms, users. ARGV cursor of rooms, cursor of users, count. Answers both scans. */
const scanDirectory: Script = new Script(`
return {
  redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[3]),
  redis.call('ZSCAN', KEYS[2], ARGV[2], 'COUNT', ARGV[3]),
}
`);

interface Counted {
  readonly count: number;
  readonly version: number;
}

export interface DirectorySlice {
  readonly rooms: readonly string[];
  readonly users: readonly string[];
}

/**
 * Index of all rooms with someone online and of all users with a session. Updates of this node are gathered for a moment
 * and go out one batch at a time, the newest of each room and user alone.
 */
export class PresenceDirectory {
  readonly #run: RunScript;
  readonly #keys: readonly [string, string];
  /** At most one entry for each room and user that this node touched since Redis answered last. */
  #rooms = new Map<RoomId, Counted>();
  #users = new Map<UserId, Counted>();
  #timer: NodeJS.Timeout | undefined;
  #flushing = false;
  #closed = false;
  #cursors: [string, string] = ['0', '0'];

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = [keys.directoryRooms, keys.directoryUsers];
  }

  setRoom(room: RoomId, online: number, version: number): void {
    keepNewer(this.#rooms, room, { count: online, version });
    this.#flushIn(FLUSH_PAUSE_MS);
  }

  setUser(user: UserId, sessions: number, version: number): void {
    keepNewer(this.#users, user, { count: sessions > 0 ? 1 : 0, version });
    this.#flushIn(FLUSH_PAUSE_MS);
  }

  /** In steps: neither Redis nor this node is held up by tens of thousands of rooms at once. */
  async snapshot(): Promise<DirectorySnapshot> {
    const users = await this.users();
    // A scan may show a room twice.
    const counts = new Map<RoomId, number>();
    let cursor = '0';
    do {
      const [next, flat] = replyList(await this.#run(scanRooms, [this.#keys[0]], [cursor, SNAPSHOT_STEP]));
      const fields = replyList(flat);
      for (let index = 0; index < fields.length; index += 2) {
        const room = parseRoomId(fields[index]);
        const [online] = replyText(fields[index + 1]).split(':');
        if (room !== undefined) counts.set(room, replyNumber(online));
      }
      cursor = replyText(next);
    } while (cursor !== '0');
    return { rooms: [...counts].map(([room, online]) => ({ room, online })), users };
  }

  /** Users with a session anywhere. */
  async users(): Promise<number> {
    return replyNumber(await this.#run(countUsers, [this.#keys[1]]));
  }

  /** The next part of the index, of about `count` entries each; goes round for ever. */
  async nextSlice(count: number): Promise<DirectorySlice> {
    const [rooms, users] = replyList(await this.#run(scanDirectory, this.#keys, [...this.#cursors, count]));
    const [roomCursor, roomFields] = replyList(rooms);
    const [userCursor, userFields] = replyList(users);
    this.#cursors = [replyText(roomCursor), replyText(userCursor)];
    const names = (fields: unknown): string[] =>
      replyList(fields)
        .filter((_, index) => index % 2 === 0)
        .map(replyText);
    return { rooms: names(roomFields), users: names(userFields) };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #flushIn(pauseMs: number): void {
    if (this.#flushing || this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flushing = true;
      this.#flush().then(
        () => this.#flushed(FLUSH_PAUSE_MS),
        () => this.#flushed(FLUSH_RETRY_MS),
      );
    }, pauseMs);
  }

  #flushed(pauseMs: number): void {
    this.#flushing = false;
    if (this.#rooms.size + this.#users.size > 0) this.#flushIn(pauseMs);
  }

  async #flush(): Promise<void> {
    const [rooms, users] = [this.#rooms, this.#users];
    this.#rooms = new Map();
    this.#users = new Map();
    try {
      for (const batch of chunks([...rooms], FLUSH_BATCH_MAX)) {
        const args = batch.flatMap(([room, { count, version }]) => [room, count, version]);
        await this.#run(updateDirectory, this.#keys, [batch.length, ...args]);
      }
      for (const batch of chunks([...users], FLUSH_BATCH_MAX)) {
        const args = batch.flatMap(([user, { count, version }]) => [user, count, version]);
        await this.#run(updateDirectory, this.#keys, [0, ...args]);
      }
    } catch (error) {
      for (const [room, counted] of rooms) keepNewer(this.#rooms, room, counted);
      for (const [user, counted] of users) keepNewer(this.#users, user, counted);
      throw error;
    }
  }
}

function keepNewer<K>(map: Map<K, Counted>, key: K, counted: Counted): void {
  const known = map.get(key);
  if (known === undefined || known.version <= counted.version) map.set(key, counted);
}
