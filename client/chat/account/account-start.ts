import type { UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { ConclaveError, hasCode } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { showNewBackup } from '../commands/backup-commands.ts';
import { sayWhyNotYet } from '../connection-watch.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Store } from '../store.ts';
import type { AccountHost, ChatAccount } from './account-host.ts';
import { AccountQuestions, StartCancelled } from './account-questions.ts';
import { findServer, serversMeant } from './server-search.ts';

const { start } = chatTexts;
const BACKUP = 'backup';

/** Opens the account that the profile has, or makes one, asking for what is not known. */
export class AccountStart {
  readonly #host: AccountHost;
  readonly #store: Store;
  readonly #dialogs: Dialogs;
  readonly #questions: AccountQuestions;
  /** The code as it was typed. A server by invitation wants it again when it refused the name. */
  #invite: string | undefined;
  #chosen: { readonly user: UserName; readonly chosen: string | undefined } | undefined;

  constructor(host: AccountHost, store: Store, dialogs: Dialogs) {
    this.#host = host;
    this.#store = store;
    this.#dialogs = dialogs;
    this.#questions = new AccountQuestions(dialogs, host.wishes);
  }

  /** Rejects with StartCancelled, or what the host rejects with. */
  async run(): Promise<ChatAccount> {
    const { server, suggestedServer, user } = this.#host.wishes;
    const known = server ?? suggestedServer;
    if (user !== undefined && (await this.#host.hasAccount(known, user))) return this.#open(known, user);
    return this.#firstRun();
  }

  /** With a passphrase that was not asked for a wrong one is final. */
  async #open(server: Origin, user: UserName): Promise<ChatAccount> {
    const { passphrase } = this.#host.wishes;
    const needed = await this.#host.needsPassphrase(server, user);
    let problem: string | undefined;
    for (;;) {
      const typed = !needed
        ? undefined
        : passphrase.known
          ? passphrase.value
          : await this.#questions.passphrase(user, server, problem);
      const open = (): Promise<ChatAccount> => {
        this.#busy(needed ? start.opening_keys : undefined);
        return this.#host.open(server, user, typed);
      };
      try {
        // The server may have the account of a registration that was cut short: then there is nothing to register.
        return await this.#registered(open).catch((error: unknown) => {
          if (hasCode(error, 'name_taken')) return open();
          throw error;
        });
      } catch (error) {
        if (passphrase.known || !hasCode(error, 'wrong_passphrase')) throw error;
        problem = start.wrong_passphrase;
      } finally {
        this.#busy(undefined);
      }
    }
  }

  /**
   * The account, made now unless it was before, with the invitation that the server asks for. `open` is called again after
   * each refusal.
   */
  async #registered(open: () => Promise<ChatAccount>): Promise<ChatAccount> {
    for (;;) {
      const account = await open();
      if ((await account.client.me().catch(() => undefined)) !== undefined) return account;
      sayWhyNotYet(account.client, (why) => this.#busy(why));
      try {
        await this.#host.register(account, this.#invite);
        return account;
      } catch (error) {
        await account.close();
        if (!hasCode(error, 'invite_needed')) throw error;
        this.#busy(undefined);
        this.#invite = await this.#questions.invite(
          this.#invite === undefined ? undefined : start.invite_refused,
        );
      }
    }
  }

  /** One question after the other; going back from the first one leaves. */
  async #firstRun(): Promise<ChatAccount> {
    const { wishes } = this.#host;
    this.#say(start.welcome_label, start.welcome);
    const servers = wishes.server === undefined ? undefined : [wishes.server];
    let server = await this.#server(servers, undefined, wishes.suggestedServer);
    let { user } = wishes;
    let problem: string | undefined;
    for (;;) {
      user ??= await this.#questions.name(problem);
      problem = undefined;
      if (user === undefined) {
        if (wishes.serverIsFixed === true) throw new StartCancelled('the name was put away');
        this.#unsay(start.server_label);
        server = await this.#server(undefined, undefined, server);
        continue;
      }
      this.#say(start.name_label, user);
      const passphrase = await this.#passphrase(user);
      if (passphrase === undefined) {
        this.#unsay(start.name_label);
        user = undefined;
        continue;
      }
      try {
        return await this.#make(server, user, passphrase.chosen);
      } catch (error) {
        if (hasCode(error, 'name_taken', 'invalid_name', 'profile_exists')) {
          problem = error.message;
          user = undefined;
        } else if (hasCode(error, 'no_connection', 'timeout', 'forbidden')) {
          if (wishes.serverIsFixed === true)
            throw new ConclaveError(error.code, serverProblem(server, error), { cause: error });
          server = await this.#server(undefined, serverProblem(server, error), server);
          this.#invite = undefined;
        } else throw error;
      }
    }
  }

  /** A server that answers. Rejects with StartCancelled when the person leaves. */
  async #server(
    wished: readonly Origin[] | undefined,
    fault: string | undefined,
    suggested: Origin,
  ): Promise<Origin> {
    let [meant, problem, initial] = [wished, fault, String(wished?.[0] ?? suggested)];
    for (;;) {
      if (meant === undefined) {
        const typed = await this.#questions.server(problem, initial);
        if (typed === undefined) throw new StartCancelled('the first question was put away');
        [meant, initial] = [serversMeant(typed), typed];
      }
      const found = await findServer(this.#host, this.#dialogs, meant);
      if (found !== 'cancelled' && 'server' in found) {
        this.#say(start.server_label, found.server);
        return found.server;
      }
      problem = found === 'cancelled' ? undefined : found.problem;
      meant = undefined;
    }
  }

  /** Chosen once for a name, also when the server is asked for again. */
  async #passphrase(user: UserName): ReturnType<AccountQuestions['newPassphrase']> {
    if (this.#chosen === undefined || this.#chosen.user !== user) {
      const answer = await this.#questions.newPassphrase(user);
      this.#chosen = answer && { user, ...answer };
    }
    return this.#chosen;
  }

  async #make(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount> {
    this.#busy(start.making_keys);
    try {
      const account = await this.#registered(async () => {
        const opened = await this.#host.create(server, user, passphrase);
        this.#busy(start.registering(user, server));
        return opened;
      });
      const me = await account.client.me();
      this.#busy(undefined);
      this.#say(start.registered_label, start.registered(me.user, me.server));
      const answer = await this.#dialogs.page({
        title: start.you_are(me.user),
        lines: welcome(me.fingerprint, this.#host.keepingAdvice),
        choices: [{ id: BACKUP, label: chatTexts.backup.make }],
        leaving: start.without_backup,
      });
      if (answer === BACKUP) await this.#backup(account);
      return account;
    } finally {
      this.#busy(undefined);
    }
  }

  /** Without one the account is there all the same. */
  async #backup({ client }: ChatAccount): Promise<void> {
    this.#busy(start.making_backup);
    try {
      await showNewBackup({ client, dialogs: this.#dialogs });
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      await this.#dialogs.page({ title: start.no_backup, lines: [error.message, '', start.no_backup_about] });
    }
  }

  #say(label: string, text: string): void {
    this.#store.change((model) => ({
      ...model,
      start: {
        ...model.start,
        lines: [...model.start.lines.filter((line) => line.label !== label), { label, text }],
      },
    }));
  }

  #unsay(label: string): void {
    this.#store.change((model) => ({
      ...model,
      start: { ...model.start, lines: model.start.lines.filter((line) => line.label !== label) },
    }));
  }

  #busy(busy: string | undefined): void {
    this.#store.change((model) => ({ ...model, start: { ...model.start, busy } }));
  }
}

function serverProblem(server: Origin, error: ConclaveError): string {
  return error.code === 'forbidden'
    ? start.no_new_accounts(server)
    : start.no_account_yet(server, error.message);
}

function welcome(fingerprint: string, keepingAdvice: string): readonly string[] {
  const groups = fingerprint.match(/.{1,8}/g) ?? [];
  return [
    start.you_are_about,
    '',
    groups.slice(0, 4).join(' '),
    groups.slice(4).join(' '),
    '',
    start.fingerprint_about,
    '',
    keepingAdvice,
  ];
}
