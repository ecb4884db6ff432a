import { errorNameOf } from '../../../src/protocol/codes.ts';
import type { RoomInfo } from '../../../src/protocol/entities.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { SUITE_LAST } from '../../../src/protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { texts } from '../../texts/texts.ts';
import type { Link } from '../connection/link.ts';
import { type ConclaveError, errorWith, localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { RoomBook } from './room-book.ts';

export type EnterReply = ReplyBody<'enter'>['rooms'][number];

/** Until there is an answer other than that there is none now. */
export function askToEnter(link: Link, id: RoomId): Promise<EnterReply> {
  return link.waits.during(async (wait) => {
    for (;;) {
      const { rooms } = await link.request('enter', enterBody(link, [id]), { timeoutMs: undefined });
      const entered = rooms.find(({ room }) => room === id);
      if (entered === undefined) throw localError('bad_request', 'room_not_answered');
      const refusal = refusalOf(entered);
      if (entered.info !== undefined || refusal.code !== 'unavailable') return entered;
      wait.refused(refusal);
      await link.pause(0);
    }
  });
}

/** Announces suites and batches to gateways that support them. */
export function enterBody(gateway: Pick<Link, 'has'>, rooms: readonly RoomId[]): RequestBody<'enter'> {
  return {
    rooms,
    ...(gateway.has('suite-2') && { suite: SUITE_LAST }),
    ...(gateway.has('batches') && { batches: true }),
  };
}

export function refusalOf({ error }: Pick<EnterReply, 'error'>): ConclaveError {
  const name = errorNameOf(error ?? 0) ?? 'unavailable';
  return errorWith(name, texts.refusals[name]);
}

/** A membership that is said to have begun later than before hides what lies between. */
export async function noteJoined(
  { pins }: RoomBook,
  notices: Broadcast<Notice>,
  { room: id, name: room, joined }: RoomInfo,
): Promise<void> {
  const { raisedFrom } = await pins.joined(id, joined);
  if (raisedFrom !== undefined)
    notices.tell({ type: 'membership-moved', room, id, from: raisedFrom, to: joined });
}
