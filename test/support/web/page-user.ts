import type { Page } from 'playwright-core';
import type { Downloaded, DrivenLocator, DrivenPage, Seat } from './driven-page.ts';

export interface PageUserOptions {
  /** Undefined: the keys are kept without one. */
  readonly passphrase?: string;
  /** The part of the address after its origin. */
  readonly path?: string;
}

/** Somebody in front of a browser of their own, with the page of a gateway open. */
export class PageUser<Driven extends DrivenPage = Page> implements AsyncDisposable {
  readonly #seat: Seat<Driven>;

  private constructor(seat: Seat<Driven>) {
    this.#seat = seat;
  }

  static async open<Driven extends DrivenPage>(
    seat: Seat<Driven>,
    gatewayUrl: string,
    path = '/',
  ): Promise<PageUser<Driven>> {
    const user = new PageUser(seat);
    await user.page.goto(gatewayUrl.replace(/^ws/, 'http') + path);
    return user;
  }

  static async register<Driven extends DrivenPage>(
    seat: Seat<Driven>,
    gatewayUrl: string,
    name: string,
    { passphrase, path }: PageUserOptions = {},
  ): Promise<PageUser<Driven>> {
    const user = await PageUser.open(seat, gatewayUrl, path);
    await user.#register(name, passphrase);
    await user.#followLink(path);
    return user;
  }

  /** The same in a page that is open, which is loaded once more. */
  async makeAccount(name: string, { passphrase, path = '/' }: PageUserOptions = {}): Promise<void> {
    await this.page.goto(new URL(path, this.page.url()).href);
    await this.page.reload();
    await this.#register(name, passphrase);
    await this.#followLink(path);
  }

  /** Into the room that the address names. */
  async #followLink(path = ''): Promise<void> {
    if (/[#&]room=/.test(path)) await this.button('join it').click();
  }

  /** By the page's own questions. */
  async #register(name: string, passphrase: string | undefined): Promise<void> {
    await this.button('New account').click();
    await this.answer('Choose a user name', name);
    await this.answer(`Choose a passphrase for the keys of ${name}`, passphrase ?? '');
    if (passphrase === undefined) await this.button('yes, without').click();
    else await this.answer('Repeat the passphrase', passphrase);
    await this.page.getByRole('heading', { name: `You are ${name}` }).waitFor();
    await this.button('go on without a backup').click();
    await this.input.waitFor();
  }

  get page(): Driven {
    return this.#seat.page;
  }

  /** Whatever the page wrote to the console, or threw. */
  get complaints(): readonly string[] {
    return this.#seat.complaints;
  }

  get input(): DrivenLocator {
    return this.page.locator('#input');
  }

  /** What was said in the room that is shown. */
  get log(): DrivenLocator {
    return this.page.getByRole('log');
  }

  button(name: string): DrivenLocator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Another page in the same browser. */
  newTab(): Promise<Driven> {
    return this.#seat.newTab();
  }

  /** The file that comes of what this person does. */
  downloaded(act: () => Promise<void>): Promise<Downloaded> {
    return this.#seat.downloaded(act);
  }

  /** Answers a question of one line. */
  async answer(question: string, text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: question, exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Writes a line, a message or a /command, and sends it. */
  async line(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** Until the room is shown, and what is written goes there. */
  async isIn(room: string): Promise<void> {
    await this.page.getByRole('heading', { name: room, exact: true }).waitFor();
    await this.page.getByText(/^(open|password) room/).waitFor();
  }

  /** Until this stands in the room that is shown. */
  shows(text: string): Promise<void> {
    return this.log.getByText(text, { exact: true }).last().waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seat[Symbol.asyncDispose]();
  }
}
