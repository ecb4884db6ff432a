import { hash } from 'node:crypto';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember } from '../core/current-member.ts';
import { storedBytes } from '../core/limits.ts';
import { roomChannel } from '../core/publisher.ts';
import type { KnownView } from '../core/room-views.ts';
import { encodeDeliver, encodeNotice, encodeShared } from '../domain/envelope.ts';
import { hasEpochs, keptMs, memberOf, type RoomView } from '../domain/roster.ts';
import type { NewMessage } from '../ports/message-store.ts';
import type { NextOutcome, NextPosition } from '../ports/sequencer.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { sameBytes } from '../protocol/bytes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import {
  EPOCH_HEADER_LAYOUT,
  layoutOf,
  type MessageHeader,
  parseMessageHeader,
} from '../protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_FIRST, TYPING_ONLINE_MAX, WRAP_BYTES } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import { deliverPrefix, encodeEvent } from '../protocol/server-codec.ts';

/** Positions tried for one message: each before was settled, or taken by a message of a sequencer that went back. */
const PLACES_MAX = 6;

/** A message on its way from its sender to the store and the room's channel, and the notice that one is being written. */
export const sending = { send, typing } satisfies Partial<UseCases>;

/** A send that was checked. */
interface Send {
  readonly caller: Caller;
  readonly body: RequestBody<'send'>;
  readonly header: MessageHeader;
  readonly headerHash: Uint8Array;
}

/** Accepted: what its sender is answered once it was published. */
interface Accepted {
  readonly reply: ReplyBody<'send'>;
  readonly published: Promise<unknown>;
  /** By this very send, not by one before. */
  readonly isStored: boolean;
}

/** Answered when the message is stored and one publish was tried. Sends of one session to one room keep their order. */
async function send(
  core: Core,
  caller: Caller,
  body: RequestBody<'send'>,
): Promise<ReplyBody<'send'> | Refusal> {
  const header = checkedHeader(caller, body);
  if (isRefusal(header)) return header;
  const at = { session: caller.session, room: body.room };
  const checked = { caller, body, header, headerHash: new Uint8Array(hash('sha256', body.header, 'buffer')) };
  const outcome = await core.sendQueues.inTurn(at, header, () => post(core, checked));
  if (isRefusal(outcome)) return outcome;
  await outcome.published;
  return outcome.reply;
}

async function post(core: Core, send: Send): Promise<Accepted | Refusal> {
  const { body, caller, header } = send;
  const slowed = core.messageRates.take(caller.user, body.ciphertext.length + body.wraps.length);
  if (slowed !== undefined) return slowed;
  const at = await core.views.at(body.room, body.version);
  if (at.kind === 'gone') return refuse('not_a_member');
  if (at.kind === 'stale') return repeatedOr(core, send, refusedByRoster(at.current, caller));
  const { view } = at.known;
  if (memberOf(view, caller.user) === undefined) return refusedNow(core, send);
  // Its sender has heard of the roster and the password at different moments: it has to look at both again.
  if (header.passwordNumber !== view.password.number) return refusedNow(core, send);
  return (
    misfit(view, header, body.wraps) ??
    (await epochMisfit(core, send)) ??
    placeWithinQuota(core, send, at.known)
  );
}

/** What is stored counts against the quotas of its sender and its room. */
async function placeWithinQuota(core: Core, send: Send, known: KnownView): Promise<Accepted | Refusal> {
  // Settings follow the newest version known here, whichever one the message was prepared for.
  const messagesKeptMs = keptMs(core.views.newest(send.body.room) ?? known.view);
  if (messagesKeptMs === 0) return place(core, send, known, messagesKeptMs);
  // A position that then stays empty would have to be settled, by a write, before anybody can read past it.
  if (core.stores.isFull()) throw new Unavailable('store', new Error('the disk has no room for messages'));
  const { user } = send.caller;
  const { room } = send.body;
  const byteCount = storedBytes(send.body);
  const over = await core.quota.take(user, room, byteCount);
  if (over !== undefined) return repeatedOr(core, send, over);
  const outcome = await place(core, send, known, messagesKeptMs);
  if (isRefusal(outcome) || !outcome.isStored) core.quota.giveBack(user, room, byteCount);
  return outcome;
}

/** Gets a position and stores the message there, until a position is free. */
async function place(
  core: Core,
  send: Send,
  known: KnownView,
  messagesKeptMs: number,
): Promise<Accepted | Refusal> {
  const { room, version } = send.body;
  const { positions, batcher } = core;
  const remember = messagesKeptMs === 0 ? { remember: rememberOf(send) } : {};
  for (let attempt = 1; attempt <= PLACES_MAX; attempt += 1) {
    const allocated = await positions.take({ room, version, ...remember });
    if (allocated.kind === 'gone') return refuse('not_a_member');
    if (allocated.kind === 'stale') return refusedNow(core, send);
    if (allocated.kind === 'repeat') return repeated(core, send, known, allocated);
    const message = messageOf(send, known, allocated, messagesKeptMs);
    if (messagesKeptMs === 0) return accepted(core, message, false);
    const outcome = await batcher.append(message);
    if (outcome.kind === 'stored') return accepted(core, message, true);
    if (outcome.kind === 'duplicate') return duplicate(core, send, outcome);
    if (attempt >= 2 && !(await positions.mendIfBehind(room))) return refuse('not_a_member');
  }
  return refuse('conflict', { message: 'no free position was found' });
}

function accepted(core: Core, message: NewMessage, isStored: boolean): Accepted {
  const { seq, at, headerHash, wraps } = message;
  core.telemetry.messageAccepted(wraps.length / WRAP_BYTES);
  return { reply: { seq, at, headerHash }, published: publish(core, message), isStored };
}

/** A message that has its position. */
type PlacedMessage = Omit<NewMessage, 'messageId' | 'headerHash' | 'expiresAt'>;

/**
 * Encoded once, whatever the number of recipients. The bytes are handed to the broker before this returns; resolves after one
 * attempt, never rejects.
 */
function publish({ publisher, clock }: Core, message: PlacedMessage): Promise<void> {
  const { room, seq, at, sender, header, ciphertext, recipients, wraps, epochVersion } = message;
  const prefix = deliverPrefix(
    { room, seq, at, from: sender, header, ciphertext },
    epochVersion === undefined,
  );
  const publishedAt = clock.nowMs();
  const envelope =
    epochVersion === undefined
      ? encodeDeliver({ seq, publishedAt, recipients, wraps, prefix })
      : encodeShared({ seq, publishedAt, epochVersion, frame: prefix });
  return publisher.publish(roomChannel(room), envelope);
}

/** Publishes what is stored under this id again: its first publisher may have crashed. Undefined: nothing is stored. Throws Unavailable. */
async function publishStored(core: Core, { body, caller, header }: Send): Promise<NewMessage | undefined> {
  const stored = await core.stores.messages.find(body.room, caller.user, header.messageId);
  if (stored !== undefined) await publish(core, stored);
  return stored;
}

function duplicate(core: Core, send: Send, stored: ReplyBody<'send'>): Accepted {
  const { seq, at, headerHash } = stored;
  const published = publishStored(core, send).catch((error: unknown) =>
    core.telemetry.warn('republish_stored', error),
  );
  return { reply: { seq, at, headerHash }, published, isStored: false };
}

/** Nothing is stored of it: the sender's own bytes are published again, if they are the same. */
function repeated(core: Core, send: Send, known: KnownView, repeat: ReplyBody<'send'>): Accepted {
  const { seq, at, headerHash } = repeat;
  const isSame = sameBytes(headerHash, send.headerHash);
  const published = isSame ? publish(core, placed(send, known, repeat)) : Promise.resolve();
  return { reply: { seq, at, headerHash }, published, isStored: false };
}

/** The roster moved on: the answer depends on what it is now, unless this very message was accepted before. */
async function refusedNow(core: Core, send: Send): Promise<Accepted | Refusal> {
  const current = await core.views.current(send.body.room);
  return repeatedOr(core, send, refusedByRoster(current?.view, send.caller));
}

async function repeatedOr(core: Core, send: Send, refusal: Refusal): Promise<Accepted | Refusal> {
  if (core.views.newest(send.body.room) === undefined) return refusal;
  // The retention may have changed since it was accepted: look wherever an answer can be.
  const answer = (await publishStored(core, send)) ?? (await rememberedAnswer(core, send));
  if (answer === undefined) return refusal;
  const { seq, at, headerHash } = answer;
  return { reply: { seq, at, headerHash }, published: Promise.resolve(), isStored: false };
}

async function rememberedAnswer(
  { relay, watermarks }: Core,
  send: Send,
): Promise<ReplyBody<'send'> | undefined> {
  const { room } = send.body;
  // No roster has version 0: the sequencer answers a repeat, or refuses. It gives no position.
  const request = { room, version: 0, seen: watermarks.get(room), remember: rememberOf(send) };
  const outcome = await relay.sequencer.next(request);
  return outcome.kind === 'repeat' ? outcome : undefined;
}

function rememberOf({ caller, header, headerHash }: Send): NonNullable<NextPosition['remember']> {
  return { key: `${caller.user}:${header.messageId}`, headerHash };
}

type Place = Pick<Extract<NextOutcome, { readonly kind: 'position' }>, 'seq' | 'at'>;

function placed({ body, caller, header: { epoch } }: Send, known: KnownView, place: Place): PlacedMessage {
  const { room, header, ciphertext, wraps, version } = body;
  const { seq, at } = place;
  const message = { room, seq, at, sender: caller.user, header, ciphertext, wraps };
  return epoch === undefined
    ? { ...message, recipients: known.recipients }
    : { ...message, recipients: wraps, epochVersion: version };
}

function messageOf(send: Send, known: KnownView, place: Place, messagesKeptMs: number): NewMessage {
  const { header, headerHash } = send;
  const expiresAt = place.at + messagesKeptMs;
  return { ...placed(send, known, place), messageId: header.messageId, headerHash, expiresAt };
}

/** What a header says must be what its request and session say. */
function checkedHeader(caller: Caller, body: RequestBody<'send'>): MessageHeader | Refusal {
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
function misfit(view: RoomView, header: MessageHeader, wraps: Uint8Array): Refusal | undefined {
  const layout = hasEpochs(view) ? EPOCH_HEADER_LAYOUT : (view.header ?? HEADER_LAYOUT_FIRST);
  if (layoutOf(header) !== layout) {
    return refuse('unsupported_version', {
      message: `send: messages of this room have headers of layout ${layout}; update the client`,
    });
  }
  const needed = hasEpochs(view) ? 0 : view.members.length;
  if (wraps.length !== needed * WRAP_BYTES)
    return refuse('bad_request', { message: `send: ${needed} wraps of 256 bytes are needed` });
  return undefined;
}

/** Undefined: the message is of suite 1, or its epoch is one that it may be sealed under. */
async function epochMisfit(core: Core, send: Send): Promise<Accepted | Refusal | undefined> {
  if (send.header.epoch === undefined) return undefined;
  const outcome = await core.epochs.fits(send.header);
  if (outcome === 'fits') return undefined;
  if (outcome === 'unknown') return repeatedOr(core, send, refuse('unknown_epoch'));
  return refuse('bad_request', { message: 'send: the header differs from the record of its epoch' });
}

/** How a send is refused that is not for the roster as it stands. */
function refusedByRoster(current: RoomView | undefined, caller: Caller): Refusal {
  if (current === undefined || memberOf(current, caller.user) === undefined) return refuse('not_a_member');
  return refuse('stale_roster', { version: current.version });
}

/** At most one notice in a while is passed on; the others are answered alike, since another session may have sent it. */
async function typing(
  core: Core,
  caller: Caller,
  { room }: RequestBody<'typing'>,
): Promise<ReplyBody<'typing'> | Refusal> {
  const current = await currentMember(core, caller, room);
  if (isRefusal(current)) return current;
  const { relay, typingNotices } = core;
  const { user } = caller;
  const key = `${room}:${user}`;
  if (typingNotices.has(key)) return {};
  typingNotices.set(key, true);
  const [presence] = await relay.presence.inRooms([room], 0);
  if ((presence?.online ?? 0) > TYPING_ONLINE_MAX) return {};
  const event = encodeEvent('typing', { room, user });
  // Nodes of any release pass the event of this notice on as it is. A notice that is lost is not repeated: it is old by then.
  await relay.broker.publish(roomChannel(room), encodeNotice({ about: 'presence', room, event }));
  return {};
}
