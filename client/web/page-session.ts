import type { UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import { AccountQuestions } from '../chat/account/account-questions.ts';
import { Application } from '../chat/application.ts';
import { Dialogs } from '../chat/dialogs.ts';
import type { Face } from '../chat/face.ts';
import { emptyModel } from '../chat/model/model.ts';
import { Store } from '../chat/store.ts';
import type { Dialling } from '../sdk/backup/fetched-backup.ts';
import { systemClock } from '../sdk/connection/clock.ts';
import { ConclaveError, localError } from '../sdk/errors.ts';
import type { AccountContent } from '../sdk/storage/account-content.ts';
import type { AccountStorage } from '../sdk/storage/storage.ts';
import { webTexts } from '../texts/web-texts.ts';
import { AccountLock } from './account-lock.ts';
import type { PreferenceStore } from './preferences.ts';
import type { ServerPlace } from './server-place.ts';
import type { WebProfile } from './storage/web-profile.ts';
import { webFace } from './web-face.ts';
import { WebFiles } from './web-files.ts';
import { WebHost } from './web-host.ts';

const { welcome } = webTexts;
/** Of a file that is taken for an account file: with pins of 10,000 people one has about as much. */
const ACCOUNT_FILE_BYTES_MAX = 64 * 1024 * 1024;

export type Stage =
  | { readonly kind: 'choosing'; readonly users: readonly UserName[]; readonly notice: string | undefined }
  | { readonly kind: 'elsewhere'; readonly user: UserName }
  | {
      readonly kind: 'open';
      readonly application: Application;
      readonly host: WebHost;
      readonly files: WebFiles;
    }
  /** Nobody was there for long: its passphrase is asked for once it is closed. */
  | { readonly kind: 'locking' }
  | { readonly kind: 'ended'; readonly text: string };

export interface PageOptions {
  readonly profile: WebProfile;
  readonly place: ServerPlace;
  readonly preferences: PreferenceStore;
  readonly version: string;
  /** The room that the address of the page names. */
  readonly linkedRoom: () => string | undefined;
  /** Takes it out of the address. */
  readonly linkFollowed: () => void;
}

/** What the page shows, from its first question to its end. */
export class PageSession {
  /** Questions that are asked while no account is open. */
  readonly store: Store = new Store(emptyModel(Date.now()));
  readonly dialogs: Dialogs = new Dialogs(this.store);
  readonly #options: PageOptions;
  readonly #watchers = new Set<() => void>();
  #stage: Stage = { kind: 'choosing', users: [], notice: undefined };
  /** For an account that is open in another page. */
  #wait: AbortController | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  get version(): string {
    return this.#options.version;
  }

  get preferences(): PreferenceStore {
    return this.#options.preferences;
  }

  get server(): Origin {
    return this.#options.place.server;
  }

  /** The page comes from a package on this machine, not from the server. */
  get isRelayed(): boolean {
    return this.#options.place.isRelayed;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Messages or files would be lost if the page ended now. */
  get isSending(): boolean {
    return this.#stage.kind === 'open' && (this.#stage.application.chat?.rooms.pending ?? 0) > 0;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Opens the only account of this browser, or lets somebody choose. */
  async start(): Promise<void> {
    const [user, ...others] = await this.#users();
    if (user === undefined || others.length > 0) await this.choose();
    else await this.open(user);
  }

  async choose(notice?: string): Promise<void> {
    this.#wait?.abort();
    this.#show({ kind: 'choosing', users: await this.#users(), notice });
  }

  /** `undefined`: a new account. Ends when the account is left. `reserved`: for whoever may open it. */
  async open(user: UserName | undefined, reserved?: AccountLock): Promise<void> {
    const { linkedRoom, linkFollowed, place, preferences, profile, version } = this.#options;
    if (user !== undefined && reserved === undefined && (await AccountLock.isHeld(this.server, user)))
      return this.#waitFor(user);
    let lock = reserved;
    const host = new WebHost({
      ...{ profile, place, preferences, user, linkedRoom: linkedRoom(), linkFollowed },
      program: programOf(version),
      takeLock: async (name) => {
        const taken = lock ?? (await AccountLock.take(this.server, name, 'if-free'));
        lock = undefined;
        return taken;
      },
      onLost: (name) => this.#lost(application, name),
    });
    const files = new WebFiles();
    const application: Application = new Application(
      host,
      this.#face(files, () => application),
    );
    this.#show({ kind: 'open', application, host, files });
    let notice: string | undefined;
    try {
      await application.run();
      notice = application.chat === undefined ? undefined : welcome.left;
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      notice = error.message;
    } finally {
      await application.close();
      await lock?.release();
    }
    if (this.#isShown(application)) await this.choose(notice);
  }

  /** The tab that has it loses it. */
  async takeOver(user: UserName): Promise<void> {
    this.#wait?.abort();
    await this.open(user, await AccountLock.take(this.server, user, 'steal'));
  }

  /** Goes on here when the page that has it open lets go of it. */
  async #waitFor(user: UserName): Promise<void> {
    this.#wait = new AbortController();
    this.#show({ kind: 'elsewhere', user });
    const lock = await AccountLock.take(this.server, user, this.#wait.signal);
    if (lock !== undefined) await this.open(user, lock);
  }

  /** Closes an account that is open, and asks for its passphrase. */
  async lock(application: Application, user: UserName): Promise<void> {
    if (!this.#isShown(application)) return;
    this.#show({ kind: 'locking' });
    await application.close();
    await this.open(user);
  }

  /** Whether a lock keeps anybody out of it. */
  hasPassphrase(user: UserName): Promise<boolean> {
    return this.#options.profile.needsPassphrase(this.server, user);
  }

  /** An account file of the command line or of another browser. */
  async import(file: Blob): Promise<void> {
    const { profile } = this.#options;
    if (file.size > ACCOUNT_FILE_BYTES_MAX) return this.choose(welcome.file_too_long);
    await this.#taking(async () => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const passphrase = await this.dialogs.prompt({ title: welcome.import_passphrase, masked: true });
      if (passphrase === undefined) return;
      const content = await this.#waiting(() =>
        profile.openExport(bytes, passphrase === '' ? undefined : passphrase),
      );
      if (content !== undefined && (await this.#keep(content)))
        await this.choose(welcome.imported(content.account.name));
    });
  }

  /** An account that its recovery code brings back. */
  async restore(): Promise<void> {
    await this.#taking(async () => {
      const { restoredAccount } = await import('./restored-account.ts');
      const restored = await restoredAccount(this.dialogs, this.#dialling());
      if (restored === undefined) return;
      const { content, made } = restored;
      if (!(await this.#keep(content))) return;
      // Nobody who has a backup, and has just needed it, has to be told why.
      this.preferences.change({ knowsEviction: true });
      await this.choose(welcome.restored(content.account.name, made, content.peopleLeftOut ?? 0));
    });
  }

  /** An account that another device hands over. */
  async link(): Promise<void> {
    await this.#taking(async () => {
      const { linkedAccount } = await import('./linked-account.ts');
      const keep = (content: AccountContent): Promise<boolean> => this.#keep(content);
      const linked = await linkedAccount(this.dialogs, this.#dialling(), keep);
      if (linked !== undefined) await this.choose(welcome.linked(linked.account.name));
    });
  }

  #dialling(): Dialling {
    const { place, version } = this.#options;
    const { server: origin, webSocket } = place;
    return { origin, webSocket, clock: systemClock, program: programOf(version) };
  }

  /** Writes an account that arrived, under a passphrase that is new here. False: the question for it was put away. */
  async #keep(content: AccountContent): Promise<boolean> {
    const { server } = this;
    const { profile } = this.#options;
    const user = content.account.name;
    if (await profile.hasKeys(server, user))
      throw localError('profile_exists', 'keys_exist', { user, server });
    const wishes = { server, suggestedServer: server, user, room: undefined };
    const questions = new AccountQuestions(this.dialogs, { ...wishes, passphrase: { known: false } });
    const answer = await questions.newPassphrase(user);
    if (answer === undefined) return false;
    const kept = await this.#waiting(async () => {
      await profile.import(server, content, answer.chosen);
      return true;
    });
    return kept === true;
  }

  /** What is refused is said. */
  async #taking(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      await this.choose(error.message);
    }
  }

  /** The account file of an open account. */
  export(storage: AccountStorage, passphrase: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
    return this.#options.profile.export(storage, passphrase);
  }

  /** Asks first. */
  async remove(user: UserName): Promise<void> {
    const { remove_about, remove_title, remove_yes } = welcome;
    if (!(await this.dialogs.confirm(remove_title(user), [remove_about], remove_yes))) return;
    await this.#options.profile.discard(this.server, user);
    await this.choose();
  }

  /** Something went wrong that nothing was prepared for. */
  crash(reason: string): void {
    this.#show({ kind: 'ended', text: welcome.crashed(reason) });
  }

  #face(files: WebFiles, application: () => Application): Face {
    return webFace(files, this.preferences, (room) => application().chat?.rooms.show(room));
  }

  #waiting<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.dialogs.wait({ title: welcome.reading, about: [] }, work);
  }

  #lost(application: Application, user: UserName): void {
    const isShown = this.#isShown(application);
    void application.close();
    if (isShown) void this.#waitFor(user);
  }

  #isShown(application: Application): boolean {
    return this.#stage.kind === 'open' && this.#stage.application === application;
  }

  #users(): Promise<readonly UserName[]> {
    return this.#options.profile.users(this.server);
  }

  #show(stage: Stage): void {
    this.#stage = stage;
    for (const watcher of this.#watchers) watcher();
  }
}

/** What the page tells servers of itself. */
const programOf = (version: string): string => `conclave-web/${version}`;
