import { writeFile } from 'node:fs/promises';
import type { DrivenLocator, DrivenPage, FoundRole, NameOptions } from '../driven-page.ts';
import type { Step } from '../finding-steps.ts';
import { elementPath, isWebElement, type WebDriver, type WebElement } from './web-driver.ts';
import { type Elements, WebKitLocator } from './webkit-locator.ts';

/** Characters that stand for keys in WebDriver. */
const keyCodes: Readonly<Record<string, string>> = {
  Backspace: '\ue003',
  Tab: '\ue004',
  Enter: '\ue007',
  Shift: '\ue008',
  Control: '\ue009',
  Alt: '\ue00a',
  Escape: '\ue00c',
  End: '\ue010',
  Home: '\ue011',
  ArrowLeft: '\ue012',
  ArrowUp: '\ue013',
  ArrowRight: '\ue014',
  ArrowDown: '\ue015',
  F6: '\ue036',
};

interface KeyAct {
  readonly type: 'keyDown' | 'keyUp';
  readonly value: string;
}

const downAndUp = (...keys: readonly string[]): readonly KeyAct[] => [
  ...keys.map((value) => ({ type: 'keyDown', value }) as const),
  ...keys.toReversed().map((value) => ({ type: 'keyUp', value }) as const),
];

/** A window of a WebDriver session. Commands go to the window that was switched to, so those of all windows wait for each other. */
export interface WindowTurns {
  in<T>(window: string, work: (driver: WebDriver) => Promise<T>): Promise<T>;
}

/** A page in WebKitGTK, as far as tests that run in every engine need one. */
export class WebKitPage implements DrivenPage {
  readonly #turns: WindowTurns;
  readonly #window: string;
  /** Defines `findElements` and `isShown` of in-page/find-elements.ts as properties of `conclaveFinder`. */
  readonly #finder: string;
  #url = 'about:blank';

  constructor(turns: WindowTurns, window: string, finder: string) {
    this.#turns = turns;
    this.#window = window;
    this.#finder = finder;
  }

  readonly keyboard = {
    press: (keys: string): Promise<void> => this.#press(keys),
    type: (text: string): Promise<void> => this.#type(text),
  };

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
    await this.#post('/url', { url });
    this.#url = url;
  }

  async reload(): Promise<void> {
    await this.#post('/refresh');
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
    const answer = Object(await this.#post('/execute/async', { script, args: [] }));
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
    await this.#post('/window/rect', { width: width + frameWidth, height: height + frameHeight });
  }

  async screenshot({ path }: { readonly path: string }): Promise<void> {
    const picture = await this.#in((driver) => driver.get('/screenshot'));
    await writeFile(path, Buffer.from(String(picture), 'base64'));
  }

  get #all(): WebKitLocator {
    const elements: Elements = {
      evaluateOn: (element, source) =>
        this.#post('/execute/sync', { script: `return (${source})(arguments[0])`, args: [element] }),
      find: (steps, isShown) => this.#find(steps, isShown),
      click: async (element) => void (await this.#post(`${elementPath(element)}/click`)),
      type: (text) => this.#type(text),
      press: (keys) => this.#press(keys),
      give: async (element, text) => void (await this.#post(`${elementPath(element)}/value`, { text })),
    };
    return new WebKitLocator(elements, []);
  }

  async #find(steps: readonly Step[], isShown: boolean): Promise<readonly WebElement[]> {
    const script = `${this.#finder}
      const found = conclaveFinder.findElements(arguments[0]);
      return arguments[1] ? found.filter(conclaveFinder.isShown) : found;`;
    const found = await this.#post('/execute/sync', { script, args: [steps, isShown] });
    return Array.isArray(found) ? found.filter(isWebElement) : [];
  }

  async #press(keys: string): Promise<void> {
    await this.#perform(downAndUp(...keys.split('+').map((key) => keyCodes[key] ?? key)));
  }

  async #type(text: string): Promise<void> {
    await this.#perform([...text].flatMap((character) => downAndUp(character)));
  }

  async #perform(actions: readonly KeyAct[]): Promise<void> {
    await this.#post('/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  #post(path: string, body?: object): Promise<unknown> {
    return this.#in((driver) => driver.post(path, body));
  }

  #in<T>(work: (driver: WebDriver) => Promise<T>): Promise<T> {
    return this.#turns.in(this.#window, work);
  }
}
