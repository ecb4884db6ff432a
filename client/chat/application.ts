import type { ConclaveClient, Me } from '../sdk/api.ts';
import { exposedOnTheWay } from '../sdk/connection/exposed-on-the-way.ts';
import { chatTexts } from '../texts/chat-texts.ts';
import type { AccountHost, ChatAccount } from './account/account-host.ts';
import { StartCancelled } from './account/account-questions.ts';
import { AccountStart } from './account/account-start.ts';
import { isOwner } from './account/is-owner.ts';
import { Chat } from './chat.ts';
import { ChatMemory } from './chat-memory.ts';
import type { CommandContext } from './commands/command-context.ts';
import { ConnectionWatch, firstFailure, sayWhyNotYet } from './connection-watch.ts';
import { Dialogs } from './dialogs.ts';
import type { Face } from './face.ts';
import { Transfers } from './files/transfers.ts';
import { InputHistories } from './input/input-histories.ts';
import { emptyModel } from './model/model.ts';
import { watchNotices } from './notice-watch.ts';
import { Notices } from './notices.ts';
import { Alerts } from './rooms/alerts.ts';
import { loadInvitations } from './rooms/invitations.ts';
import { OpenRooms } from './rooms/open-rooms.ts';
import { Selection } from './rooms/selection.ts';
import { followSettings, takeSettings } from './settings-watch.ts';
import { Store } from './store.ts';

/**
 * The chat without a face: one account from its opening to its end. A face shows the model of `store`, and calls what
 * somebody asks for: `dialogs` while a question is open, else `chat`.
 */
export class Application {
  readonly store: Store = new Store(emptyModel(Date.now()));
  readonly dialogs: Dialogs = new Dialogs(this.store);
  readonly notices: Notices = new Notices(this.store);
  readonly #host: AccountHost;
  readonly #face: Face;
  #leave: () => void = () => undefined;
  readonly #left = new Promise<void>((resolve) => {
    this.#leave = resolve;
  });
  #account: ChatAccount | undefined;
  #watch: ConnectionWatch | undefined;
  #rooms: OpenRooms | undefined;
  #chat: Chat | undefined;

  constructor(host: AccountHost, face: Face) {
    this.#host = host;
    this.#face = face;
  }

  /** Undefined until there is an account: then only its questions are there. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** Resolves when the person leaves. Rejects with ConclaveError when there is no account to open. */
  async run(): Promise<void> {
    try {
      this.#account = await new AccountStart(this.#host, this.store, this.dialogs).run();
    } catch (error) {
      if (error instanceof StartCancelled) return;
      throw error;
    }
    const begun = this.#begin(this.#account);
    // Whoever reads what was kept may leave before there is a connection.
    await Promise.race([begun.then(() => this.#left), this.#left]);
  }

  /** Somebody is at the face, or went elsewhere. */
  focus(focused: boolean): void {
    this.store.change((model) => ({ ...model, focused }));
  }

  /**
   * Waits until the profile is closed, however long its disk takes: the process must not end in the middle of a
   * transaction, whose writer thread would wait for it for ever. The server is waited for a second at most.
   */
  async close(): Promise<void> {
    this.#watch?.close();
    await this.#rooms?.close();
    await this.#account?.close();
  }

  async #begin(account: ChatAccount): Promise<void> {
    const { notices, store } = this;
    const { client } = account;
    const report = (error: unknown): void => notices.report(error);
    const memory = new ChatMemory(account.state);
    this.#watch = new ConnectionWatch(client, store);
    this.#watch.run().catch(report);
    const context = await this.#contextOf(account, memory);
    const { rooms } = context;
    const histories = new InputHistories(memory, await memory.histories(), (error) => notices.refuse(error));
    const chat = new Chat(context, histories, notices);
    await this.#connected(client, rooms, chat);
    watchNotices(client, { store, rooms, notices }).catch(report);
    await followSettings(client, { memory, store }, report).catch(report);
    await rooms.start().catch(report);
    // Those that came before are told with the next login; what writes here without being accepted makes no noise from now on.
    await loadInvitations(client, store).catch(report);
    const exposed = exposedOnTheWay(client.origin);
    if (exposed !== undefined) notices.say(exposed, 'warning');
    const { linkedRoom, room } = this.#host.wishes;
    if (room !== undefined) await chat.join(room).catch(report);
    else if (linkedRoom !== undefined)
      await chat
        .followLink(linkedRoom)
        .then(() => this.#host.linkFollowed?.())
        .catch(report);
  }

  /** Shows what the profile keeps, if it keeps something, where the first attempt to connect fails. */
  async #connected(client: ConclaveClient, rooms: OpenRooms, chat: Chat): Promise<void> {
    const { notices, store } = this;
    const begin = (me: Me, busy: string | undefined): void => {
      this.#chat = chat;
      store.change((model) => ({ ...model, me, start: { lines: [], busy } }));
    };
    const busy = (text: string): void =>
      store.change((model) => ({ ...model, start: { ...model.start, busy: text } }));
    busy(chatTexts.start.connecting(client.origin));
    const connecting = client.connect();
    const fault = await Promise.race([connecting.then(() => undefined), firstFailure(client)]);
    if (fault !== undefined && (await client.keptRooms()).length > 0) {
      takeSettings(store, await client.userState.known());
      begin(await client.me(), undefined);
      await rooms.showKept();
      notices.sayWhileOffline(chatTexts.notices.kept_only(fault));
    } else if (fault !== undefined) sayWhyNotYet(client, busy);
    begin(await connecting, chatTexts.start.loading_rooms);
  }

  async #contextOf({ client }: ChatAccount, memory: ChatMemory): Promise<CommandContext> {
    const { dialogs, notices, store } = this;
    const report = (error: unknown): void => notices.report(error);
    const me = await client.me();
    const alerts = new Alerts((room, text) => this.#face.notify(room, text, report));
    const transfers = new Transfers();
    const rooms = new OpenRooms({ client, user: me.user, store, memory, alerts, transfers, report });
    this.#rooms = rooms;
    return {
      ...{ client, store, rooms, dialogs, notices, transfers, face: this.#face },
      selection: new Selection(store, rooms),
      isOwner: (about) => isOwner(this.#host, dialogs, me, about),
      write: (text) => this.#chat?.input.change(text),
      show: (name) => {
        rooms.show(name);
      },
      quit: async () => {
        const { pending } = rooms;
        const { client: said } = chatTexts;
        const sure =
          pending === 0 || (await dialogs.confirm(said.quit(pending), [said.quit_about], said.quit_yes));
        if (sure) this.#leave();
      },
    };
  }
}
