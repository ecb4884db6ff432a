import { parseInviteCode } from '../../../src/protocol/invite-code.ts';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { type Origin, parseOrigin } from '../../../src/protocol/origin.ts';
import type { ChatWishes } from '../chat-host.ts';
import { passphraseHint } from '../passphrase/passphrase-hint.ts';
import type { Dialogs, PromptOptions } from './dialogs.ts';

/** The person put the question away: the client ends. */
export class StartCancelled extends Error {
  override readonly name = 'StartCancelled';
}

/** What is asked before there is an account. Each rejects with StartCancelled. */
export class AccountQuestions {
  readonly #dialogs: Dialogs;
  readonly #wishes: ChatWishes;

  constructor(dialogs: Dialogs, wishes: ChatWishes) {
    this.#dialogs = dialogs;
    this.#wishes = wishes;
  }

  async server(problem: string | undefined, initial: string = this.#wishes.suggestedServer): Promise<Origin> {
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

  async name(problem: string | undefined): Promise<UserName> {
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

  async newPassphrase(user: UserName): Promise<string | undefined> {
    const { passphrase } = this.#wishes;
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

  passphrase(user: UserName, server: Origin, problem: string | undefined): Promise<string> {
    return this.#asked({ title: `Passphrase of ${user} at ${server}`, masked: true, problem });
  }

  invite(problem: string | undefined): Promise<string> {
    return this.#asked({
      title: 'Invitation code',
      about: [
        'This server takes new accounts by invitation. A code lets one person in, within a day.',
        'Without one: Esc leaves. The keys are kept, and the next start asks again.',
      ],
      problem,
      fault: (text) =>
        parseInviteCode(text) === undefined
          ? 'a code is 16 letters and digits, such as K10M-PQRS-TVWX-YZ01'
          : undefined,
    });
  }

  #withoutPassphrase(): Promise<boolean> {
    return this.#dialogs.confirm(
      'Keep the keys without a passphrase?',
      ['Whoever can read the files of this account is you: a backup, a thief, another program.'],
      'yes, without',
    );
  }

  async #asked(options: PromptOptions): Promise<string> {
    const answer = await this.#dialogs.prompt(options);
    if (answer === undefined) throw new StartCancelled('the question was put away');
    return answer;
  }
}
