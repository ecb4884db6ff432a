import type { CreateOptions } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { PickerItem } from '../model/dialog.ts';
import { activeRoom, withRoom } from '../model/model.ts';
import { isUnread, unreadText } from '../model/room-model.ts';
import { type CommandContext, requireServer, shownRoom } from './command-context.ts';

/** Names of the public list that a picker takes; beyond it a prefix helps. */
const ROOMS_LISTED_MAX = 2_000;
/** Of more, only this number is told. */
const UNREAD_SHOWN_MAX = 999;

/** Goes into a room, asking for its password when it has one; without a name, into the one that is shown. */
export async function joinRoom(context: CommandContext, wanted: string | undefined): Promise<void> {
  const { client, rooms, store } = context;
  const name = wanted ?? activeRoom(store.model)?.name;
  if (name === undefined) throw new ConclaveError('usage', 'Usage: /join ROOM');
  const own = store.model.rooms.find((room) => room.name.toLowerCase() === name.toLowerCase() && !room.gone);
  if (own !== undefined) {
    rooms.activate(own.id);
    if (own.settings.locked && !own.settings.unlocked) await unlockRoom(context);
    // A room that lost its password is not used before somebody accepts that.
    else if (client.status.state === 'online' && !own.settings.locked && (await joinOpen(context, own.name)))
      await rooms.refreshAndOpen();
    return;
  }
  requireServer(context, '/join');
  const locked = (await client.lookup(name)).password;
  const joined = locked ? await joinWithPassword(context, name) : await joinOpen(context, name);
  if (!joined) return;
  await rooms.refreshAndOpen();
  context.show(name);
}

/**
 * Locked rooms and rooms that do not exist look alike: the server does not tell which it is. So a room that nobody has
 * listed is asked about once, since its name may be mistyped.
 */
async function joinWithPassword(context: CommandContext, name: string): Promise<boolean> {
  const isListed = context.rooms.listed.some((each) => each.toLowerCase() === name.toLowerCase());
  const title = isListed ? `Password of ${name}` : `${name} is locked, or doesn't exist. Password:`;
  let problem: string | undefined;
  for (;;) {
    const password = await askPassword(context, title, problem);
    if (password === undefined) return false;
    try {
      await context.client.join(name, password);
      return true;
    } catch (error) {
      if (!isWrongPassword(error)) throw error;
      problem = isListed ? 'wrong password' : `wrong password, or there's no room called ${name}`;
      if (!isListed) throw new ConclaveError('no_such_room_or_password', problem, { cause: error });
    }
  }
}

async function joinOpen(context: CommandContext, name: string): Promise<boolean> {
  const { client, dialogs } = context;
  try {
    await client.join(name);
    return true;
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'trust') throw error;
    const shown = await client.inspectRoom(name);
    const about = [shown.fault ?? error.message];
    const accepted = await dialogs.confirm(`Is this the ${name} you mean?`, about, 'go in anyway');
    if (!accepted) return false;
    await client.trustRoom(shown);
    await client.join(name);
    return true;
  }
}

/** A member that does not know the room's present password. */
export async function unlockRoom(context: CommandContext): Promise<void> {
  const session = shownRoom(context);
  const { room } = session;
  let problem: string | undefined;
  for (;;) {
    const password = await askPassword(context, `Password of ${room.name}`, problem);
    if (password === undefined) return;
    try {
      await room.unlock(password);
      session.factsChanged();
      session.reload();
      return;
    } catch (error) {
      if (!isWrongPassword(error)) throw error;
      problem = `this is not the password of ${room.name}`;
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
    about: ['The password stays on this machine: the server gets only a proof that you know it.'],
    masked: true,
    problem,
  });
}

function isWrongPassword(error: unknown): boolean {
  return (
    error instanceof ConclaveError && (error.code === 'no_such_room_or_password' || error.code === 'usage')
  );
}

/** Ends the membership after a question; a room that is gone is only put away. */
export async function leaveRoom(context: CommandContext, name: string | undefined): Promise<void> {
  const { client, dialogs, notices, rooms, store } = context;
  const { model } = store;
  const room =
    name === undefined
      ? activeRoom(model)
      : model.rooms.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (room === undefined) throw new ConclaveError('usage', `you are not in ${name ?? 'a room'}`);
  if (!room.gone) {
    requireServer(context, '/leave');
    const about = ['You get no messages of it any more, and what was said before cannot be read again.'];
    if (!(await dialogs.confirm(`Leave ${room.name}?`, about, 'leave'))) return;
    await client.leave(room.name);
  }
  rooms.remove(room.id);
  notices.say(`you left ${room.name}`);
}

export interface CreateWish {
  readonly room: string;
  readonly hidden: 'hidden' | undefined;
  /** Given: ask for one. */
  readonly password: 'password' | undefined;
  readonly days: number | undefined;
}

export async function createRoom(context: CommandContext, wish: CreateWish): Promise<void> {
  const { client, rooms } = context;
  const { room, hidden, days } = wish;
  const isLocked = wish.password !== undefined;
  const password = isLocked ? await newPassword(context, room) : undefined;
  if (isLocked && password === undefined) return;
  const options: CreateOptions = {
    hidden: hidden !== undefined,
    ...(password === undefined ? {} : { password }),
    ...(days === undefined ? {} : { retention: days }),
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
      title: `New password of ${room}`,
      about: ['6 to 60 characters. Members need it to read what is written from now on.'],
      masked: true,
      problem,
      fault: (text) =>
        [...text].length < 6 || [...text].length > 60 ? 'it has 6 to 60 characters' : undefined,
    });
    if (first === undefined) return undefined;
    const second = await dialogs.prompt({ title: 'The same password once more', masked: true });
    if (second === undefined || second === first) return second;
    problem = 'the two were not the same';
  }
}

/** The public list; what is chosen is joined. */
export async function pickRoom(context: CommandContext, prefix: string | undefined): Promise<void> {
  const { client, dialogs, rooms, store } = context;
  const own = new Set(store.model.rooms.map(({ name }) => name.toLowerCase()));
  const items: PickerItem[] = [];
  for await (const { room, online, members, password } of client.listRooms(
    prefix === undefined ? {} : { prefix },
  )) {
    const facts = [`${online} online`, `${members} ${members === 1 ? 'member' : 'members'}`];
    if (password) facts.push('password');
    if (own.has(room.toLowerCase())) facts.push('you are in it');
    items.push({ id: room, label: room, detail: facts.join(' · ') });
    if (items.length === ROOMS_LISTED_MAX) break;
  }
  rooms.listed = items.map(({ label }) => label);
  const online = await client.usersOnline();
  const chosen = await dialogs.pick({
    title: `Rooms · ${online} ${online === 1 ? 'person' : 'people'} online`,
    items,
    nothing: 'no room is listed like this; /create NAME makes one',
  });
  if (chosen !== undefined) await joinRoom(context, chosen);
}

/** Everything that is shown of the room goes; the server keeps its copies, and reading further up loads them again. */
export function clearRoom(context: CommandContext): void {
  const session = shownRoom(context);
  session.dropFailed();
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
      ...(mentions > 0 ? [`${mentions} mentions`] : []),
      ...(isUnread(room) ? [`${unreadText(room, UNREAD_SHOWN_MAX)} unread`] : []),
    ];
    return { id, label: name, detail: facts.join(' · ') };
  });
  const nothing = 'no room of yours is named like this';
  const chosen = await dialogs.pick({ title: 'Go to room', items, nothing, match: 'letters' });
  const room = model.rooms.find(({ id }) => id === chosen);
  if (room !== undefined) rooms.activate(room.id);
}
