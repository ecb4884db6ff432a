import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** As long as other tests wait for what has to come. */
const DEADLINE_MS = 40_000;

export interface PageUserOptions {
  /** Undefined: the keys are kept without one. */
  readonly passphrase?: string;
  /** The part of the address after its origin. */
  readonly path?: string;
}

/** Somebody in front of a browser of their own, with the page of a gateway open. */
export class PageUser implements AsyncDisposable {
  readonly page: Page;
  /** Whatever the page wrote to the console, or threw. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.on('console', (message) => {
      // Of connections to a server that is away, browsers write themselves.
      if (!message.text().includes('ERR_CONNECTION_REFUSED')) this.complaints.push(message.text());
    });
  }

  static async open(
    browser: Browser,
    gatewayUrl: string,
    path = '/',
    options: BrowserContextOptions = {},
  ): Promise<PageUser> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(DEADLINE_MS);
    const page = await context.newPage();
    const user = new PageUser(context, page);
    await page.goto(gatewayUrl.replace(/^ws/, 'http') + path);
    return user;
  }

  static async register(
    browser: Browser,
    gatewayUrl: string,
    name: string,
    { passphrase, path }: PageUserOptions = {},
  ): Promise<PageUser> {
    const user = await PageUser.open(browser, gatewayUrl, path);
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
    await this.button('Close').click();
    await this.input.waitFor();
  }

  get input(): Locator {
    return this.page.locator('#input');
  }

  /** What was said in the room that is shown. */
  get log(): Locator {
    return this.page.getByRole('log');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
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
    await this.#context.close();
  }
}
