import type { ListedRoom } from '../api.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';

/** Pages of the public list that are read: 100,000 rooms. */
const ROOMS_PAGES_MAX = 1_000;

/** The public list, page by page as it is consumed. */
export async function* publicRooms(
  link: Link,
  prefix: string | undefined,
  timeoutMs: number | undefined,
): AsyncGenerator<ListedRoom, void, undefined> {
  let cursor: Uint8Array | undefined;
  for (let pages = 0; pages < ROOMS_PAGES_MAX; pages += 1) {
    const body = {
      ...(prefix === undefined ? {} : { prefix }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await link.request('rooms', body, { timeoutMs });
    for (const { name, ...rest } of page.rooms) yield { room: name, ...rest };
    cursor = page.cursor;
    if (cursor === undefined) return;
  }
  throw new ConclaveError('too_large', 'the list of rooms has no end: ask with a prefix');
}
