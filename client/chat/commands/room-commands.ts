import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { CreateOptions } from '../../sdk/api.ts';
import { ConclaveError, hasCode } from '../../sdk/errors.ts';
import { directUserName } from '../../sdk/shown-room-name.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { PickerItem } from '../model/dialog.ts';
import { activeRoom, withoutInvitation, withRoom } from '../model/model.ts';
import { isUnread, type RoomModel, unreadText } from '../model/room-model.ts';
import { acceptByWriting } from '../rooms/invitations.ts';
import { type CommandContext, requireServer, shownRoom } from './command-context.ts';

const { rooms: roomTexts } = chatTexts;
/** Names of the public list that a picker takes; beyond it a prefix helps. */
const ROOMS_LISTED_MAX = 2_000;
/** Of more, only this number is told. */
const UNREAD_SHOWN_MAX = 999;

/** Goes into a room, asking for its password when it has one; without a name, into the one that is shown. */
export async function joinRoom(context: CommandContext, wanted: string | undefined): Promise<void> {
  const { client, rooms, store } = context;
  const name = wanted ?? activeRoom(store.model)?.name;
  if (name === undefined) throw new ConclaveError('usage', roomTexts.join_usage);
  const own = ownRoom(context, name);
  if (own !== undefined) {
    acceptByWriting(context, own.id);
    rooms.activate(own.id);
    // What differs from what was known of it stops messages until somebody accepts that.
    const asItIs = { question: roomTexts.accept_room(own.name), yes: roomTexts.accept_room_yes };
    if (client.status.state === 'online' && !(await isAccepted(context, own.name, asItIs))) return;
    if (directUserName(own.name) !== undefined) return;
    if (own.settings.locked && !own.settings.unlocked) await unlockRoom(context);
    // A room that lost its password is not used before somebody accepts that.
    else if (client.status.state === 'online' && !own.settings.locked && (await joinOpen(context, own.name)))
      await rooms.refreshAndOpen();
    return;
  }
  requireServer(context, '/join');
  const user = directUserName(name);
  if (user !== undefined) return openDirect(context, user);
  await enterRoom(context, name, (await client.lookup(name)).password);
}

/** One of the user's rooms, by its name in any case. */
export function ownRoom({ store }: CommandContext, name: string): RoomModel | undefined {
  return store.model.rooms.find((room) => room.name.toLowerCase() === name.toLowerCase() && !room.gone);
}

/** `locked`: whether the room has a password. It is refused if it turns out otherwise. */
export async function enterRoom(context: CommandContext, name: string, locked: boolean): Promise<void> {
  const joined = locked ? await joinWithPassword(context, name) : await joinOpen(context, name);
  if (!joined) return;
  await context.rooms.refreshAndOpen();
  context.show(name);
}

/** The direct room with somebody, which is created when there is none. */
export async function openDirect(context: CommandContext, user: string): Promise<void> {
  const { client, rooms, store } = context;
  const own = await client.contacts.direct(user);
  store.change((model) => withoutInvitation(model, own.id));
  await rooms.refreshAndOpen();
  context.show(own.room);
}

/** Whoever was invited gets into exactly the room that the inviter signed. */
async function join({ client, store }: CommandContext, name: string, password?: string): Promise<void> {
  const { invitations } = store.model;
  const invitation = invitations.find(({ room }) => room.toLowerCase() === name.toLowerCase());
  if (invitation === undefined) {
    await client.join(name, password);
    return;
  }
  await client.contacts.accept(invitation, password);
  store.change((model) => withoutInvitation(model, invitation.id));
}

/**
 * Locked rooms and rooms that do not exist look alike: the server does not tell which it is. So a room that nobody has
 * listed is asked about once, since its name may be mistyped.
 */
async function joinWithPassword(context: CommandContext, name: string): Promise<boolean> {
  // One that the user was in is known to be there, too.
  const known = [...context.rooms.listed, ...context.store.model.rooms.map((room) => room.name)];
  const isListed = known.some((each) => each.toLowerCase() === name.toLowerCase());
  const title = isListed ? roomTexts.password_of(name) : roomTexts.password_of_unlisted(name);
  let problem: string | undefined;
  for (;;) {
    const password = await askPassword(context, title, problem);
    if (password === undefined) return false;
    try {
      await join(context, name, password);
      return true;
    } catch (error) {
      if (!isWrongPassword(error)) throw error;
      problem = isListed ? roomTexts.wrong_password : roomTexts.wrong_password_or_room(name);
      if (!isListed) throw new ConclaveError('no_such_room_or_password', problem, { cause: error });
    }
  }
}

async function joinOpen(context: CommandContext, name: string): Promise<boolean> {
  try {
    await join(context, name);
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'trust') throw error;
    const { is_this_it: question, is_this_it_yes: yes } = roomTexts;
    if (!(await isAccepted(context, name, { question: question(name), yes, fault: error.message })))
      return false;
    await join(context, name);
  }
  return true;
}

interface Acceptance {
  readonly question: string;
  readonly yes: string;
  /** What is known to differ, if the inspection finds nothing. */
  readonly fault?: string;
}

/** Shows how a room differs from what is known of it. False: somebody saw that, and did not accept it. */
async function isAccepted(
  { client, dialogs }: CommandContext,
  name: string,
  { question, yes, fault }: Acceptance,
): Promise<boolean> {
  const shown = await client.inspectRoom(name);
  const about = shown.fault ?? fault;
  if (about === undefined) return true;
  const accepted = await dialogs.confirm(question, [about], yes);
  if (accepted) await client.trustRoom(shown);
  return accepted;
}

/** A member that does not know the room's present password. */
export async function unlockRoom(context: CommandContext): Promise<void> {
  const session = shownRoom(context);
  const { room } = session;
  let problem: string | undefined;
  for (;;) {
    const password = await askPassword(context, roomTexts.password_of(room.name), problem);
    if (password === undefined) return;
    try {
      await room.unlock(password);
      session.factsChanged();
      session.reload();
      return;
    } catch (error) {
      if (!isWrongPassword(error)) throw error;
      problem = roomTexts.not_its_password(room.name);
    }
  }
}

function askPassword(
  { dialogs }: CommandContext,
  title: string,
  problem: string | undefined,
): Promise<string | undefined> {
  return dialogs.prompt({
    title,
    about: [roomTexts.password_about],
    masked: true,
    problem,
  });
}

function isWrongPassword(error: unknown): boolean {
  return hasCode(error, 'no_such_room_or_password', 'usage');
}

/** Ends the membership after a question; a room that is gone is only put away. */
export async function leaveRoom(context: CommandContext, name: string | undefined): Promise<void> {
  const { client, dialogs, notices, rooms, store } = context;
  const { model } = store;
  const room =
    name === undefined
      ? activeRoom(model)
      : model.rooms.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (room === undefined)
    throw new ConclaveError('usage', name === undefined ? roomTexts.not_in_any : roomTexts.not_in(name));
  if (!room.gone) {
    requireServer(context, '/leave');
    const about = [roomTexts.leave_about];
    if (!(await dialogs.confirm(roomTexts.leave(room.name), about, roomTexts.leave_yes))) return;
    await client.leave(room.name);
  }
  rooms.remove(room.id);
  notices.say(roomTexts.left(room.name));
}

export interface CreateWish {
  readonly room: string;
  readonly hidden: 'hidden' | undefined;
  /** Given: ask for one. */
  readonly password: 'password' | undefined;
  readonly hours: number | undefined;
}

export async function createRoom(context: CommandContext, wish: CreateWish): Promise<void> {
  const { client, rooms } = context;
  const { room, hidden, hours } = wish;
  const isLocked = wish.password !== undefined;
  const password = isLocked ? await newPassword(context, room) : undefined;
  if (isLocked && password === undefined) return;
  const options: CreateOptions = {
    hidden: hidden !== undefined,
    ...(password === undefined ? {} : { password }),
    ...(hours === undefined ? {} : { retentionHours: hours }),
  };
  await client.create(room, options);
  await rooms.refreshAndOpen();
  context.show(room);
}

/** Asked twice; undefined when put away. */
export async function newPassword({ dialogs }: CommandContext, room: string): Promise<string | undefined> {
  let problem: string | undefined;
  for (;;) {
    const first = await dialogs.prompt({
      title: roomTexts.new_password(room),
      about: [roomTexts.new_password_about],
      masked: true,
      problem,
      fault: (text) => ([...text].length < 6 || [...text].length > 60 ? roomTexts.bad_password : undefined),
    });
    if (first === undefined) return undefined;
    const second = await dialogs.prompt({ title: roomTexts.repeat_password, masked: true });
    if (second === undefined || second === first) return second;
    problem = roomTexts.passwords_differ;
  }
}

/** The public list; what is chosen is joined. */
export async function pickRoom(context: CommandContext, prefix: string | undefined): Promise<void> {
  const { client, dialogs, rooms, store } = context;
  const own = new Set(store.model.rooms.map(({ name }) => name.toLowerCase()));
  const items: PickerItem[] = [];
  for await (const { room, online, members, password, suite } of client.listRooms(
    prefix === undefined ? {} : { prefix },
  )) {
    const facts = [roomTexts.online(online), roomTexts.members(members)];
    if (password) facts.push(roomTexts.has_password);
    if (suite > SUITE_FIRST) facts.push(roomTexts.suite(suite));
    if (own.has(room.toLowerCase())) facts.push(roomTexts.you_are_in_it);
    items.push({ id: room, label: room, detail: facts.join(' · ') });
    if (items.length === ROOMS_LISTED_MAX) break;
  }
  rooms.listed = items.map(({ label }) => label);
  const online = await client.usersOnline();
  const chosen = await dialogs.pick({
    title: roomTexts.list(online),
    items,
    nothing: roomTexts.none_listed,
  });
  if (chosen !== undefined) await joinRoom(context, chosen);
}

/** Everything that is shown of the room goes; the server keeps its copies, and reading further up loads them again. */
export function clearRoom(context: CommandContext): void {
  const session = shownRoom(context);
  session.outbox.dropFailed();
  context.store.change((model) =>
    withRoom(model, session.room.id, (room) => ({
      ...room,
      timeline: {
        ...room.timeline,
        entries: [],
        from: session.room.head,
        complete: false,
        cutAfter: undefined,
      },
      anchor: undefined,
      below: 0,
      readLine: undefined,
      seen: undefined,
    })),
  );
}

/** Finds one of the own rooms by some letters of its name. */
export async function switchRoom({ dialogs, rooms, store }: CommandContext): Promise<void> {
  const { model } = store;
  const items = model.rooms.map((room): PickerItem => {
    const { id, name, mentions } = room;
    const facts = [
      ...(mentions > 0 ? [roomTexts.mentions(mentions)] : []),
      ...(isUnread(room) ? [roomTexts.unread(unreadText(room, UNREAD_SHOWN_MAX))] : []),
    ];
    return { id, label: name, detail: facts.join(' · ') };
  });
  const nothing = roomTexts.none_of_yours;
  const chosen = await dialogs.pick({ title: roomTexts.go_to, items, nothing, match: 'letters' });
  const room = model.rooms.find(({ id }) => id === chosen);
  if (room !== undefined) rooms.activate(room.id);
}
