import { writeFile } from 'node:fs/promises';
import type { DrivenLocator, DrivenPage, FoundRole, NameOptions } from '../driven-page.ts';
import { WebKitLocator } from './webkit-locator.ts';
import type { WebKitWindow } from './webkit-window.ts';

/** A page in WebKitGTK, as far as tests that run in every engine need one. */
export class WebKitPage implements DrivenPage {
  /** Presses and types into the element that has the focus. */
  readonly keyboard: WebKitWindow;
  readonly #window: WebKitWindow;
  readonly #all: WebKitLocator;
  #url = 'about:blank';

  constructor(window: WebKitWindow) {
    this.keyboard = window;
    this.#window = window;
    this.#all = new WebKitLocator(window);
  }

  getByRole(role: FoundRole, options?: NameOptions): DrivenLocator {
    return this.#all.getByRole(role, options);
  }

  getByText(text: string | RegExp, options?: { readonly exact?: boolean }): DrivenLocator {
    return this.#all.getByText(text, options);
  }

  getByLabel(text: string): DrivenLocator {
    return this.#all.getByLabel(text);
  }

  locator(selector: string): DrivenLocator {
    return this.#all.locator(selector);
  }

  async goto(url: string): Promise<void> {
    await this.#window.post('/url', { url });
    this.#url = url;
  }

  async reload(): Promise<void> {
    await this.#window.post('/refresh');
  }

  /** Where it was sent; the page itself goes nowhere. */
  url(): string {
    return this.#url;
  }

  async title(): Promise<string> {
    return String(await this.evaluate('document.title'));
  }

  async content(): Promise<string> {
    return String(await this.evaluate('document.documentElement.outerHTML'));
  }

  async evaluate(expression: string): Promise<unknown> {
    const script = `const done = arguments[0];
      (async () => (${expression}))().then(
        (value) => done(value === undefined ? {} : { value }),
        (error) => done({ error: String(error) + '\\n' + error?.stack }),
      );`;
    const answer = Object(await this.#window.post('/execute/async', { script, args: [] }));
    if (answer.error !== undefined) throw new Error(String(answer.error));
    return answer.value;
  }

  /** Of what is inside the window's frame. */
  async setViewportSize({
    width,
    height,
  }: {
    readonly width: number;
    readonly height: number;
  }): Promise<void> {
    const [frameWidth, frameHeight] = Object(
      await this.evaluate('[outerWidth - innerWidth, outerHeight - innerHeight]'),
    );
    await this.#window.post('/window/rect', { width: width + frameWidth, height: height + frameHeight });
  }

  async screenshot({ path }: { readonly path: string }): Promise<void> {
    const picture = await this.#window.in((driver) => driver.get('/screenshot'));
    await writeFile(path, Buffer.from(String(picture), 'base64'));
  }
}
