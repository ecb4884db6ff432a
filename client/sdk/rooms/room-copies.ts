import type { ReplyBody, RequestBody, StoredMessage } from '../../../src/protocol/requests.ts';
import type { Link } from '../connection/link.ts';

/** Copies in history were stored. Of what was only delivered, its roster version has to tell. */
export type RoomCopy = StoredMessage & { readonly fromHistory?: boolean };

export type CopiesPage = ReplyBody<'history'> & { readonly messages: readonly RoomCopy[] };

/** A page of history, whose copies are marked as coming from there. */
export async function fetchCopies(
  link: Link,
  page: RequestBody<'history'>,
  timeoutMs: number | undefined,
): Promise<CopiesPage> {
  const reply = await link.request('history', page, { timeoutMs });
  return { ...reply, messages: reply.messages.map((copy) => ({ ...copy, fromHistory: true })) };
}
