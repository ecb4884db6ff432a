import type { RoomId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { OwnRoom } from '../../sdk/rooms/own-room.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { ChatMemory } from '../chat-memory.ts';
import type { Transfers } from '../files/transfers.ts';
import { activated, activeRoom, roomOf, withOwnRooms, withoutRoom, withRoom } from '../model/model.ts';
import { notEntered, pendingCount } from '../model/room-changes.ts';
import { isUnread, type RoomModel, type Stretch } from '../model/room-model.ts';
import { keptDraft } from '../model/selection.ts';
import type { Store } from '../store.ts';
import type { Alerts } from './alerts.ts';
import { KeptRooms } from './kept-rooms.ts';
import { pagesDownTo } from './room-history.ts';
import { RoomSession } from './room-session.ts';
import { Soon } from './soon.ts';

/** What is typed is stored a moment later, and so is that it was sent: whatever ends the client, no more is lost. */
const DRAFT_MS = 500;

/** How long it may stay unsaid that something came to rooms that are not open. */
const LOOK_EVERY_MS = 5 * 60_000;

/** `full`: as many are open as the server allows. */
type Opened = 'open' | 'failed' | 'full';

interface OpenRoomsOptions {
  readonly client: ConclaveClient;
  readonly user: UserName;
  readonly store: Store;
  readonly memory: ChatMemory;
  readonly alerts: Alerts;
  readonly transfers: Transfers;
  report(error: unknown): void;
}

/** The rooms of the user, open as long as the client runs, or until another takes their place where there are too many. */
export class OpenRooms {
  readonly #options: OpenRoomsOptions;
  /** The one that was shown longest ago first. */
  readonly #sessions = new Map<RoomId, RoomSession>();
  /** Names of the public list as it was seen last. */
  listed: readonly string[] = [];
  readonly #opening = new Map<RoomId, Promise<Opened>>();
  #look: ReturnType<typeof setInterval> | undefined;
  /** What the profile keeps is shown, as long as there is no connection. */
  #kept: KeptRooms | undefined;
  readonly #draft = new Soon(DRAFT_MS, () => this.keepDraft());

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
  }

  get active(): RoomSession | undefined {
    const id = activeRoom(this.#options.store.model)?.id;
    return id === undefined ? undefined : this.#sessions.get(id);
  }

  /** These positions of the room that is shown are before somebody's eyes. */
  looked(at: Stretch): void {
    if (this.#kept !== undefined) this.#kept.looked(at);
    else this.active?.looked(at);
  }

  session(id: RoomId): RoomSession | undefined {
    return this.#sessions.get(id);
  }

  /** Shows what the profile keeps, as long as there is no connection. */
  async showKept(): Promise<void> {
    this.#kept = new KeptRooms(this.#options);
    await this.#list(await this.#options.client.keptRooms());
    await this.#kept.load();
  }

  /** Lists the own rooms and opens them, the one that is shown first. */
  async start(): Promise<void> {
    const { client, store } = this.#options;
    const kept = this.#kept;
    kept?.end();
    this.#kept = undefined;
    const listing = kept !== undefined ? this.refresh() : client.ownRooms().then((own) => this.#list(own));
    await listing.finally(() =>
      store.change((model) => ({ ...model, start: { ...model.start, busy: undefined } })),
    );
    await this.#openAll();
  }

  /** Seconds after it was shown that what is written in a room from now on disappears; undefined: it stays. */
  async setDisappearing(id: RoomId, seconds: number | undefined): Promise<void> {
    const { memory, store } = this.#options;
    await memory.putDisappearing(id, seconds);
    store.change((model) => withRoom(model, id, (room) => ({ ...room, disappear: seconds })));
  }

  /** Asks the server which rooms there are now, and opens those that are new. */
  async refresh(): Promise<void> {
    this.#take(await this.#options.client.ownRooms());
    this.active?.show();
  }

  #take(own: readonly OwnRoom[]): void {
    const rooms = own.map(({ room: name, ...facts }) => ({ ...facts, name }));
    this.#options.store.change((model) => withOwnRooms(model, rooms));
  }

  async refreshAndOpen(): Promise<void> {
    await this.refresh();
    await this.#openAll();
  }

  /** Shows a room that the user is in; false when there is none of this name. */
  show(name: string): boolean {
    const { model } = this.#options.store;
    const room = model.rooms.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (room === undefined) return false;
    this.activate(room.id);
    return true;
  }

  activate(id: RoomId): void {
    const { memory, report, store } = this.#options;
    this.keepDraft();
    this.#shownNow(this.active);
    store.change((model) => activated(model, id));
    this.#shownNow(this.active);
    this.active?.show();
    memory.putLastRoom(id).catch(report);
    if (this.#kept !== undefined) this.#kept.load().catch(report);
    else if (!this.#sessions.has(id)) this.#openShown(id).catch(report);
  }

  /** Steps through the list, around its ends. */
  step(by: number): void {
    const { rooms, active } = this.#options.store.model;
    const at = rooms.findIndex(({ id }) => id === active);
    const next = rooms[(at + by + rooms.length) % Math.max(1, rooms.length)];
    if (next !== undefined) this.activate(next.id);
  }

  /** The next room with a mention, else with something unread. */
  nextUnread(): boolean {
    const { rooms, active } = this.#options.store.model;
    const at = rooms.findIndex(({ id }) => id === active);
    const after = [...rooms.slice(at + 1), ...rooms.slice(0, Math.max(0, at))];
    const next = after.find(({ mentions }) => mentions > 0) ?? after.find(isUnread);
    if (next !== undefined) this.activate(next.id);
    return next !== undefined;
  }

  /** The user left it, or it was taken away and the user has seen why. */
  remove(id: RoomId): void {
    const { client, memory, report, store } = this.#options;
    this.#sessions.get(id)?.close().catch(report);
    this.#sessions.delete(id);
    store.change((model) => withoutRoom(model, id));
    this.active?.show();
    memory.forgetRoom(id).catch(report);
    client.userState.forgetRoom(id).catch(report);
  }

  get pending(): number {
    return pendingCount(this.#options.store.model);
  }

  draftChanged(): void {
    this.#draft.ask();
  }

  /** What is typed in the active room is stored. */
  keepDraft(): void {
    const { memory, report, store } = this.#options;
    const room = activeRoom(store.model);
    if (room !== undefined) memory.putDraft(room.id, keptDraft(room)).catch(report);
  }

  async close(): Promise<void> {
    const { memory, store } = this.#options;
    this.#draft.cancel();
    clearInterval(this.#look);
    const room = activeRoom(store.model);
    if (room !== undefined) await memory.putDraft(room.id, keptDraft(room));
    for (const session of this.#sessions.values()) await session.close();
    this.#sessions.clear();
  }

  async #list(own: readonly OwnRoom[]): Promise<void> {
    const { memory, store } = this.#options;
    const [last, drafts] = [await memory.lastRoom(), await memory.drafts()];
    // It is shown at once: what another room has not been read of would count as read.
    store.change((model) => ({ ...model, previous: last }));
    this.#take(own);
    // The active room's draft already holds text typed before any room was shown; it follows the saved draft.
    for (const [id, text] of drafts)
      store.change((model) => withRoom(model, id, (room) => ({ ...room, draft: text + room.draft })));
    for (const [id, seconds] of await memory.disappearing())
      store.change((model) => withRoom(model, id, (room) => ({ ...room, disappear: seconds })));
  }

  async #openAll(): Promise<void> {
    const { active, rooms } = this.#options.store.model;
    const rank = (room: RoomModel): number => (room.id === active ? 0 : isUnread(room) ? 1 : 2);
    for (const { id } of [...rooms].sort((a, b) => rank(a) - rank(b))) {
      if ((await this.#open(id)) !== 'full') continue;
      this.#followOthers();
      break;
    }
    this.#countUnread().catch(this.#options.report);
  }

  /** Says once that there are more rooms than can be open, and then looks now and again what came to the others. */
  #followOthers(): void {
    if (this.#look !== undefined) return;
    const { report } = this.#options;
    report(new ConclaveError('too_large', chatTexts.notices.rooms_followed(this.#sessions.size)));
    this.#look = setInterval(() => this.refresh().catch(report), LOOK_EVERY_MS);
  }

  #shownNow(session: RoomSession | undefined): void {
    if (session === undefined || !this.#sessions.delete(session.room.id)) return;
    this.#sessions.set(session.room.id, session);
  }

  /** Where no more may be open, in place of the one that was shown longest ago. */
  async #openShown(id: RoomId): Promise<void> {
    while ((await this.#open(id)) === 'full') {
      const longest = [...this.#sessions.values()].find(({ room }) => this.#isIdle(room.id));
      if (longest === undefined) return;
      this.#sessions.delete(longest.room.id);
      await longest.close();
      this.#options.store.change((model) =>
        withRoom(model, longest.room.id, (room) => ({ ...room, open: false })),
      );
    }
  }

  /** Nobody looks at it, and nothing of it is on its way. */
  #isIdle(id: RoomId): boolean {
    const { store, transfers } = this.#options;
    const room = roomOf(store.model, id);
    return id !== store.model.active && room?.timeline.echoes.length === 0 && !transfers.isRunningIn(id);
  }

  /** The others say how much is unread, and who is mentioned. One after the other, so that nobody waits for them. */
  async #countUnread(): Promise<void> {
    for (const session of this.#sessions.values())
      await session.history.loadUnread().catch(this.#options.report);
  }

  #open(id: RoomId): Promise<Opened> {
    if (this.#sessions.has(id)) return Promise.resolve('open');
    const opening = this.#opening.get(id) ?? this.#enter(id).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  async #enter(id: RoomId): Promise<Opened> {
    const { alerts, client, report, store, transfers, user } = this.#options;
    const known = roomOf(store.model, id);
    if (known === undefined) return 'failed';
    try {
      const room = await client.room(known.name);
      const session: RoomSession = new RoomSession({
        ...{ room, user, store, report, transfers },
        onMessages: (messages) => alerts.came(store.model, room.id, messages),
        onGone: () => this.#gone(room.id),
      });
      const beginning = known.kept ? await pagesDownTo(room, known.anchor) : undefined;
      this.#sessions.set(room.id, session);
      session.start(beginning);
      this.active?.show();
      return 'open';
    } catch (error) {
      // Its line stays in the list; showing it tries again.
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'too_large') return 'full';
      store.change((model) => notEntered(model, id, error.message));
      report(
        new ConclaveError(error.code, chatTexts.notices.in_room(known.name, error.message), { cause: error }),
      );
      return 'failed';
    }
  }

  /** What was said stays readable until the user closes it with /leave. */
  #gone(id: RoomId): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.close().catch(this.#options.report);
    this.#options.store.change((model) =>
      withRoom(model, id, (room) => ({ ...room, open: false, gone: true, online: 0, members: undefined })),
    );
  }
}
