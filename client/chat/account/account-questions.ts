import { parseInviteCode } from '../../../src/protocol/invite-code.ts';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ChatWishes } from './account-host.ts';
import { passphraseHint } from './passphrase-hint.ts';
import { serversMeant } from './server-search.ts';

const { start } = chatTexts;

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

  /** As it was typed; it is an address. */
  server(problem: string | undefined, initial: string): Promise<string | undefined> {
    return this.#dialogs.prompt({
      title: start.which_server,
      about: [start.which_server_about],
      initial,
      problem,
      leaving: 'quit',
      fault: (text) => (serversMeant(text).length === 0 ? start.bad_server : undefined),
    });
  }

  async name(problem: string | undefined): Promise<UserName | undefined> {
    const answer = await this.#dialogs.prompt({
      title: start.which_name,
      about: [start.which_name_about],
      problem,
      leaving: this.#wishes.serverIsFixed === true ? 'quit' : 'back',
      fault: (text) => (parseUserName(text.trim()) === undefined ? start.bad_name : undefined),
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
        title: start.repeat_passphrase,
        masked: true,
        leaving: 'back',
      });
      if (second === first) return { chosen: first };
      if (second !== undefined) problem = start.passphrases_differ;
    }
  }

  #firstPassphrase(user: UserName, problem: string | undefined): Promise<string | undefined> {
    return this.#dialogs.prompt({
      title: start.new_passphrase(user),
      about: [start.new_passphrase_about],
      masked: true,
      problem,
      leaving: 'back',
      remark: async (typed) => (typed === '' ? undefined : (await passphraseHint(typed)).words),
    });
  }

  async #isStrongEnough(passphrase: string): Promise<boolean> {
    const { strength, words } = await passphraseHint(passphrase);
    if (strength !== 'weak') return true;
    return this.#dialogs.confirm(start.weak_passphrase, [words], start.weak_passphrase_yes);
  }

  /** Rejects with StartCancelled. */
  async passphrase(user: UserName, server: Origin, problem: string | undefined): Promise<string> {
    const title = start.passphrase(user, server);
    return orLeave(await this.#dialogs.prompt({ title, masked: true, problem, leaving: 'quit' }));
  }

  /** Rejects with StartCancelled. */
  async invite(problem: string | undefined): Promise<string> {
    const answer = await this.#dialogs.prompt({
      title: start.invite,
      about: start.invite_about,
      problem,
      leaving: 'quit',
      fault: (text) => (parseInviteCode(text) === undefined ? start.bad_invite : undefined),
    });
    return orLeave(answer);
  }

  #withoutPassphrase(): Promise<boolean> {
    return this.#dialogs.confirm(start.no_passphrase, [start.no_passphrase_about], start.no_passphrase_yes);
  }
}

function orLeave(answer: string | undefined): string {
  if (answer === undefined) throw new StartCancelled('the question was put away');
  return answer;
}
