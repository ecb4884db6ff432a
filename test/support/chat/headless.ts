import { expect } from 'vitest';
import type { AccountHost, ChatAccount, ChatWishes } from '../../../client/chat/account/account-host.ts';
import { Application } from '../../../client/chat/application.ts';
import type { Chat } from '../../../client/chat/chat.ts';
import type { FaceFiles } from '../../../client/chat/files/face-files.ts';
import type { Dialog } from '../../../client/chat/model/dialog.ts';
import { activeRoom, type Model } from '../../../client/chat/model/model.ts';
import type { RoomModel } from '../../../client/chat/model/room-model.ts';
import type { ConclaveClient } from '../../../client/sdk/api.ts';
import { localError } from '../../../client/sdk/errors.ts';
import { type AccountStorage, memoryStorage, newAccountKeys } from '../../../client/sdk/index.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import type { Device } from '../cluster/people.ts';
import { eventually } from '../eventually.ts';
import type { LiveFixture } from '../sdk/live-fixture.ts';

/** Where accounts of a face are made. */
export interface HeadlessServer {
  readonly server: { readonly url: string };
  client(storage: AccountStorage): Promise<ConclaveClient>;
}

export interface HeadlessOptions extends Pick<ChatWishes, 'linkedRoom'> {
  readonly files?: FaceFiles | undefined;
  /** Of the account that is open: it opens without, and somebody who has to show that it is theirs is asked for it. */
  readonly passphrase?: string;
}

/** A face that shows nothing: what somebody would see is read from the model, what they would do is called. */
export class Headless implements AsyncDisposable {
  readonly application: Application;
  readonly told: string[] = [];
  readonly ended: Promise<void>;
  /** What is registered, while there is a first run. */
  #made: ConclaveClient | undefined;

  constructor(
    fixture: HeadlessServer,
    user: string | undefined,
    client?: ChatAccount,
    { files, passphrase, ...wishes }: HeadlessOptions = {},
  ) {
    const server = parseOrigin(fixture.server.url) ?? expect.unreachable();
    const host: AccountHost = {
      wishes: {
        server: undefined,
        suggestedServer: server,
        user: user === undefined ? undefined : parseUserName(user),
        passphrase: passphrase === undefined ? { known: false } : { known: true, value: passphrase },
        room: undefined,
        ...wishes,
      },
      keepingAdvice: '…',
      probe: async () => undefined,
      hasAccount: async () => client !== undefined,
      needsPassphrase: async () => passphrase !== undefined,
      checkPassphrase: async (_, __, typed) => {
        if (typed !== passphrase) throw localError('wrong_passphrase', 'wrong_passphrase');
      },
      open: async () => client ?? expect.unreachable(),
      create: async (_, name) => {
        const storage = memoryStorage(await newAccountKeys(name));
        this.#made = await fixture.client(storage);
        return { client: this.#made, state: storage.state, close: async () => undefined };
      },
      register: async (account) => account.client.register(),
    };
    this.application = new Application(host, {
      notify: (room, text) => this.told.push(`${room}: ${text}`),
      openLink: async (url) => void this.told.push(url),
      copy: async (text) => void this.told.push(`copied: ${text}`),
      ...(files !== undefined && { files }),
      showsTyping: true,
      help: [{ id: 'wave', label: 'wave', detail: 'both hands' }],
    });
    this.ended = this.application.run();
  }

  get model(): Model {
    return this.application.store.model;
  }

  get chat(): Chat {
    return this.application.chat ?? expect.fail('there is no account yet');
  }

  get room(): RoomModel {
    return activeRoom(this.model) ?? expect.fail('no room is shown');
  }

  get texts(): readonly string[] {
    return this.room.timeline.entries.map((entry) => (entry.kind === 'message' ? entry.text : entry.kind));
  }

  /** Writes a line, and sends it or carries it out. */
  async line(text: string): Promise<void> {
    this.chat.input.change(text);
    await this.chat.submit();
  }

  /** Waits until this is asked. */
  asked(kind: Dialog['kind'], title: string): Promise<Dialog | undefined> {
    return eventually(() => {
      expect(this.model.dialog).toMatchObject({ kind, title });
      return this.model.dialog;
    });
  }

  async answer(title: string, text?: string): Promise<void> {
    await this.asked('prompt', title);
    if (text !== undefined) this.application.dialogs.type(text);
    this.application.dialogs.accept();
  }

  /** Everything that is loaded of the room is before somebody's eyes. */
  look(): void {
    const positions = this.room.timeline.entries.flatMap((entry) =>
      entry.kind === 'event' ? [] : [entry.seq],
    );
    this.chat.reader.looked({ from: Math.min(...positions), to: Math.max(...positions) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Closing the client rejects this promise unless the user has quit.
    this.ended.catch(() => undefined);
    await this.application.close();
  }
}

/** Ada, who has an account, in the room Lobby, which somebody made. */
export async function adaInLobby(fixture: LiveFixture): Promise<Headless> {
  const client = await fixture.user('Ada');
  return inLobby(await faceOf({ client, storage: client.storage }, fixture.server.url));
}

/** Of somebody who is registered there, once their chat is shown. */
export async function faceOf(
  { client, storage }: Pick<Device, 'client' | 'storage'>,
  url: string,
  options: HeadlessOptions = {},
): Promise<Headless> {
  const fixture = { server: { url }, client: () => expect.unreachable() };
  const account = { client, state: storage.state, close: () => client.close() };
  const face = new Headless(fixture, storage.account.name, account, options);
  await eventually(() => expect(face.model.start.busy === undefined && face.chat).toBeTruthy());
  return face;
}

export async function inLobby(somebody: Headless): Promise<Headless> {
  await somebody.line('/join Lobby');
  await eventually(() => expect(somebody.room).toMatchObject({ name: 'Lobby', open: true }));
  return somebody;
}
