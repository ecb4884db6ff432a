import type { Step } from '../finding-steps.ts';
import { elementPath, isWebElement, type WebDriver, type WebElement } from './web-driver.ts';

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

/** Asks one window of a WebDriver session. */
export type InWindow = (work: (driver: WebDriver) => Promise<unknown>) => Promise<unknown>;

/** What WebDriver does in one window. */
export class WebKitWindow {
  readonly in: InWindow;
  /** Defines `findElements` and `isShown` of in-page/find-elements.ts as properties of `conclaveFinder`. */
  readonly #finder: string;

  constructor(inWindow: InWindow, finder: string) {
    this.in = inWindow;
    this.#finder = finder;
  }

  post(path: string, body?: object): Promise<unknown> {
    return this.in((driver) => driver.post(path, body));
  }

  /** Those that the steps lead to; with `isShown`, those of them that somebody can see. */
  async find(steps: readonly Step[], isShown: boolean): Promise<readonly WebElement[]> {
    const script = `${this.#finder}
      const found = conclaveFinder.findElements(arguments[0]);
      return arguments[1] ? found.filter(conclaveFinder.isShown) : found;`;
    const found = await this.post('/execute/sync', { script, args: [steps, isShown] });
    return Array.isArray(found) ? found.filter(isWebElement) : [];
  }

  /** Runs a function of one element. */
  evaluateOn(element: WebElement, source: string): Promise<unknown> {
    return this.post('/execute/sync', { script: `return (${source})(arguments[0])`, args: [element] });
  }

  async click(element: WebElement): Promise<void> {
    await this.post(`${elementPath(element)}/click`);
  }

  /** Into the field of a form for files. */
  async give(element: WebElement, path: string): Promise<void> {
    await this.post(`${elementPath(element)}/value`, { text: path });
  }

  /** Into the element that has the focus. */
  async press(keys: string): Promise<void> {
    await this.#perform(downAndUp(...keys.split('+').map((key) => keyCodes[key] ?? key)));
  }

  async type(text: string): Promise<void> {
    await this.#perform([...text].flatMap((character) => downAndUp(character)));
  }

  async #perform(actions: readonly KeyAct[]): Promise<void> {
    await this.post('/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }
}
