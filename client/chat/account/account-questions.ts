import { parseInviteCode } from '../../../src/protocol/invite-code.ts';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ChatWishes } from './account-host.ts';
import { passphraseHint } from './passphrase-hint.ts';
import { serversMeant } from './server-search.ts';

/** The person left the start: the client ends. */
export class StartCancelled extends Error {
  override readonly name = 'StartCancelled';
}

/** What is asked before there is an account. Undefined: the person went back. */
export class AccountQuestions {
  readonly #dialogs: Dialogs;
  readonly #wishes: ChatWishes;

  constructor(dialogs: Dialogs, wishes: ChatWishes) {
    this.#dialogs = dialogs;
    this.#wishes = wishes;
  }

  /** What it may mean, most likely first. */
  async server(problem: string | undefined, initial: string): Promise<readonly Origin[] | undefined> {
    const answer = await this.#dialogs.prompt({
      title: 'Which server?',
      about: ['Its address, such as wss://chat.example.org, or ws://127.0.0.1:8080 for one on this machine.'],
      initial,
      problem,
      leaving: 'quit',
      fault: (text) =>
        serversMeant(text).length === 0
          ? 'enter an address such as wss://chat.example.org or ws://127.0.0.1:8080'
          : undefined,
    });
    return answer === undefined ? undefined : serversMeant(answer);
  }

  async name(problem: string | undefined): Promise<UserName | undefined> {
    const answer = await this.#dialogs.prompt({
      title: 'Choose a user name',
      about: ['3 to 20 letters and digits. It cannot be changed later.'],
      problem,
      leaving: 'back',
      fault: (text) =>
        parseUserName(text.trim()) === undefined ? 'user names have 3 to 20 letters and digits' : undefined,
    });
    return answer === undefined ? undefined : parseUserName(answer.trim());
  }

  /** `chosen`: undefined keeps the keys unprotected. */
  async newPassphrase(user: UserName): Promise<{ readonly chosen: string | undefined } | undefined> {
    const { passphrase } = this.#wishes;
    if (passphrase.known) return { chosen: passphrase.value };
    let problem: string | undefined;
    for (;;) {
      const first = await this.#firstPassphrase(user, problem);
      if (first === undefined) return undefined;
      problem = undefined;
      if (first === '') {
        if (await this.#withoutPassphrase()) return { chosen: undefined };
        continue;
      }
      if (!(await this.#isStrongEnough(first))) continue;
      const second = await this.#dialogs.prompt({
        title: 'Repeat the passphrase',
        masked: true,
        leaving: 'back',
      });
      if (second === first) return { chosen: first };
      if (second !== undefined) problem = 'the passphrases differ: enter it again';
    }
  }

  #firstPassphrase(user: UserName, problem: string | undefined): Promise<string | undefined> {
    return this.#dialogs.prompt({
      title: `Choose a passphrase for the keys of ${user}`,
      about: ['It protects the keys on this machine. You enter it at each start. Nobody can restore it.'],
      masked: true,
      problem,
      leaving: 'back',
      remark: async (typed) => (typed === '' ? undefined : (await passphraseHint(typed)).words),
    });
  }

  async #isStrongEnough(passphrase: string): Promise<boolean> {
    const { strength, words } = await passphraseHint(passphrase);
    if (strength !== 'weak') return true;
    return this.#dialogs.confirm('Use this weak passphrase?', [words], 'use it anyway');
  }

  /** Rejects with StartCancelled. */
  async passphrase(user: UserName, server: Origin, problem: string | undefined): Promise<string> {
    const title = `Passphrase of ${user} at ${server}`;
    return orLeave(await this.#dialogs.prompt({ title, masked: true, problem, leaving: 'quit' }));
  }

  /** Rejects with StartCancelled. */
  async invite(problem: string | undefined): Promise<string> {
    const answer = await this.#dialogs.prompt({
      title: 'Invitation code',
      about: [
        'This server takes new accounts by invitation. A code lets one person in, within a day.',
        'Your keys are kept: without a code, quit and come back when you have one.',
      ],
      problem,
      leaving: 'quit',
      fault: (text) =>
        parseInviteCode(text) === undefined
          ? 'a code is 16 letters and digits, such as K10M-PQRS-TVWX-YZ01'
          : undefined,
    });
    return orLeave(answer);
  }

  #withoutPassphrase(): Promise<boolean> {
    return this.#dialogs.confirm(
      'Keep the keys without a passphrase?',
      ['Whoever can read the files of this account is you: a backup, a thief, another program.'],
      'yes, without',
    );
  }
}

function orLeave(answer: string | undefined): string {
  if (answer === undefined) throw new StartCancelled('the question was put away');
  return answer;
}
