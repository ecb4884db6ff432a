import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { type Origin, parseOrigin } from '../../../src/protocol/origin.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { ChatAccount, ChatHost } from '../chat-host.ts';
import { passphraseHint } from '../passphrase/passphrase-hint.ts';
import type { Dialogs } from './dialogs.ts';

import type { Store } from './store.ts';

/** The person put the question away: the client ends. */
export class StartCancelled extends Error {
  override readonly name = 'StartCancelled';
}

/** Opens the account that the profile has, or makes one, asking for what is not known. */
export class AccountStart {
  readonly #host: ChatHost;
  readonly #store: Store;
  readonly #dialogs: Dialogs;

  constructor(host: ChatHost, store: Store, dialogs: Dialogs) {
    this.#host = host;
    this.#store = store;
    this.#dialogs = dialogs;
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
          : await this.#asked({ title: `Passphrase of ${user} at ${server}`, masked: true, problem });
      this.#busy(needed ? 'opening the keys …' : undefined);
      try {
        return await this.#registered(() => this.#host.open(server, user, typed));
      } catch (error) {
        if (passphrase.known || !(error instanceof ConclaveError) || error.code !== 'wrong_passphrase')
          throw error;
        problem = 'this is not the passphrase';
      } finally {
        this.#busy(undefined);
      }
    }
  }

  /** Keys of a registration that was cut short: the account is made now, or the server has it already. */
  async #registered(open: () => Promise<ChatAccount>): Promise<ChatAccount> {
    const account = await open();
    if ((await account.client.me().catch(() => undefined)) !== undefined) return account;
    try {
      await this.#host.register(account);
      return account;
    } catch (error) {
      await account.close();
      if (!(error instanceof ConclaveError) || error.code !== 'name_taken') throw error;
      return open();
    }
  }

  async #firstRun(): Promise<ChatAccount> {
    this.#say('Welcome', 'a chat that only its members can read');
    let server = this.#host.wishes.server ?? (await this.#askServer(undefined));
    this.#say('Server', server);
    let user = await this.#newName(undefined);
    const passphrase = await this.#newPassphrase(user);
    for (;;) {
      try {
        return await this.#make(server, user, passphrase);
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code === 'name_taken' || error.code === 'invalid_name' || error.code === 'profile_exists')
          user = await this.#askName(error.message);
        else if (error.code === 'no_connection' || error.code === 'timeout') {
          server = await this.#askServer(`${server} does not answer: ${error.message}`, server);
        } else throw error;
      }
    }
  }

  async #make(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount> {
    this.#busy('making keys (RSA-2048 and Ed25519) …');
    try {
      const account = await this.#host.create(server, user, passphrase);
      this.#busy(`registering ${user} at ${server} …`);
      const me = await this.#host.register(account).catch(async (error: unknown) => {
        await account.close();
        throw error;
      });
      this.#busy(undefined);
      this.#say('Registered', `${me.user} at ${me.server}`);
      await this.#dialogs.page({ title: `You are ${me.user}`, lines: welcome(me.fingerprint) });
      return account;
    } finally {
      this.#busy(undefined);
    }
  }

  async #askServer(
    problem: string | undefined,
    initial: string = this.#host.wishes.suggestedServer,
  ): Promise<Origin> {
    const answer = await this.#asked({
      title: 'Which server?',
      about: ['ws://host:port, or wss://host for one with TLS.', 'Enter takes what stands here.'],
      initial,
      problem,
      fault: (text) =>
        parseOrigin(text.trim()) === undefined ? 'this is no address like ws://host:port' : undefined,
    });
    const origin = parseOrigin(answer.trim());
    if (origin === undefined) throw new TypeError('the prompt took what is no address');
    return origin;
  }

  async #newName(problem: string | undefined): Promise<UserName> {
    const name = this.#host.wishes.user ?? (await this.#askName(problem));
    this.#say('Name', name);
    return name;
  }

  async #askName(problem: string | undefined): Promise<UserName> {
    const rule = 'a name is 3 to 20 ASCII letters and digits';
    const answer = await this.#asked({
      title: 'Which name shall others see?',
      about: ['3 to 20 letters and digits. It cannot be changed later.'],
      problem,
      fault: (text) => (parseUserName(text.trim()) === undefined ? rule : undefined),
    });
    const name = parseUserName(answer.trim());
    if (name === undefined) throw new TypeError('the prompt took what is no name');
    return name;
  }

  async #newPassphrase(user: UserName): Promise<string | undefined> {
    const { passphrase } = this.#host.wishes;
    if (passphrase.known) return passphrase.value;
    let problem: string | undefined;
    for (;;) {
      const first = await this.#asked({
        title: `A passphrase for the keys of ${user}`,
        about: [
          'It protects the keys on this machine and is asked for at each start.',
          'Nobody can restore it.',
        ],
        masked: true,
        problem,
        remark: async (typed) => (typed === '' ? undefined : (await passphraseHint(typed)).words),
      });
      if (first === '') {
        if (await this.#withoutPassphrase()) return undefined;
        problem = undefined;
        continue;
      }
      const second = await this.#asked({ title: 'The same passphrase once more', masked: true });
      if (second === first) return first;
      problem = 'the two were not the same';
    }
  }

  #withoutPassphrase(): Promise<boolean> {
    return this.#dialogs.confirm(
      'Keep the keys without a passphrase?',
      ['Whoever can read the files of this account is you: a backup, a thief, another program.'],
      'yes, without',
    );
  }

  async #asked(options: Parameters<Dialogs['prompt']>[0]): Promise<string> {
    const answer = await this.#dialogs.prompt(options);
    if (answer === undefined) throw new StartCancelled('the question was put away');
    return answer;
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

  #busy(busy: string | undefined): void {
    this.#store.change((model) => ({ ...model, start: { ...model.start, busy } }));
  }
}

function welcome(fingerprint: string): readonly string[] {
  const groups = fingerprint.match(/.{1,8}/g) ?? [];
  return [
    'Your keys are made, and the account is registered. This is your fingerprint:',
    '',
    `  ${groups.slice(0, 4).join(' ')}`,
    `  ${groups.slice(4).join(' ')}`,
    '',
    'It names your keys. People who compare it, or a safety number with /verify, know',
    'that nobody sits between you.',
    '',
    'Conclave keeps the keys on this machine only: "conclave export FILE" makes a copy.',
  ];
}
