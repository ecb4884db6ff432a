import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import { directFor, isOpenTo } from '../domain/roster.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseRoomId } from '../protocol/ids.ts';
import { MINE_PAGE_MAX, SALT_BYTES } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** What a user may ask about rooms by name, and about the rooms of that user. */
export const rooms = { lookup, mine } satisfies Partial<UseCases>;

async function lookup(
  { views, relay, decoys }: Core,
  caller: Caller,
  body: RequestBody<'lookup'>,
): Promise<ReplyBody<'lookup'>> {
  const folded = foldName(body.name);
  const loaded = await views.loadByName(folded);
  if (loaded === undefined || !isOpenTo(loaded.record, caller.user)) {
    await relay.sequencer.read([decoys.room(folded)]);
    const { number, salt } = decoys.roomPassword(folded);
    return { password: number, salt };
  }
  const { number, salt } = loaded.record.password;
  return { password: number, salt: salt ?? new Uint8Array(SALT_BYTES) };
}

async function mine(
  { stores, views, relay, watermarks }: Core,
  caller: Caller,
  body: RequestBody<'mine'>,
): Promise<ReplyBody<'mine'> | Refusal> {
  const after = body.cursor === undefined ? undefined : parseRoomId(decodeCursor(body.cursor)?.[0]);
  if (body.cursor !== undefined && after === undefined) return refuse('bad_request', { message: 'cursor' });
  const found = await stores.rooms.roomsOf(caller.user, after, MINE_PAGE_MAX + 1);
  const page = found.slice(0, MINE_PAGE_MAX);
  const states = page.length === 0 ? [] : await relay.sequencer.read(page.map(({ room }) => room));
  const entries: ReplyBody<'mine'>['rooms'][number][] = [];
  for (const [index, { room, name, role, joined, direct }] of page.entries()) {
    const state = states[index];
    // A lost sequencer is rare: one room after the other.
    const known = state === undefined ? (await views.current(room))?.head : state.seq;
    const head = Math.max(known ?? 0, watermarks.get(room).seq, joined);
    if (state?.gone === true) continue;
    const pair = direct === undefined ? {} : { direct: directFor(direct, caller.user) };
    entries.push({ room, name, role, joined, head, ...pair });
  }
  const last = page.at(-1);
  const more = found.length > page.length && last !== undefined;
  return more ? { rooms: entries, cursor: encodeCursor([last.room]) } : { rooms: entries };
}
