import type { Caller } from '../core/caller.ts';
import { memberOf, type RoomView } from '../domain/roster.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import {
  HEADER_LAYOUT_FIRST,
  layoutOf,
  type MessageHeader,
  parseMessageHeader,
} from '../protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';

/** What a header says must be what its request and session say. */
export function checkedHeader(caller: Caller, body: RequestBody<'send'>): MessageHeader | Refusal {
  const parsed = parseMessageHeader(body.header);
  if (!parsed.ok) {
    if (parsed.reason === 'malformed')
      return refuse('bad_request', { message: 'send: the header is malformed' });
    return refuse('unsupported_version', { message: 'send: the header has another layout or suite' });
  }
  const { header } = parsed;
  if (header.room !== body.room)
    return refuse('bad_request', { message: 'send: the header names another room' });
  if (header.sender !== caller.user) {
    return refuse('bad_request', { message: 'send: the header names another sender' });
  }
  if (header.rosterVersion !== body.version) {
    return refuse('bad_request', { message: 'send: the header names another roster version' });
  }
  return header;
}

/** What a message must fit of the version that it was prepared for. Undefined: it fits. */
export function misfit(view: RoomView, header: MessageHeader, wraps: Uint8Array): Refusal | undefined {
  const layout = view.header ?? HEADER_LAYOUT_FIRST;
  if (layoutOf(header) !== layout) {
    return refuse('unsupported_version', {
      message: `send: messages of this room have headers of layout ${layout}; update the client`,
    });
  }
  if (wraps.length !== view.members.length * WRAP_BYTES) {
    return refuse('bad_request', { message: `send: ${view.members.length} wraps of 256 bytes are needed` });
  }
  return undefined;
}

/** Whether a message was encrypted under the password setting of the version that it was prepared for. */
export function fitsPassword(view: RoomView, header: MessageHeader): boolean {
  return header.passwordNumber === view.password.number;
}

/** How a send is refused that is not for the roster as it stands. */
export function refusedByRoster(current: RoomView | undefined, caller: Caller): Refusal {
  if (current === undefined || memberOf(current, caller.user) === undefined) return refuse('not_a_member');
  return refuse('stale_roster', { version: current.version });
}
