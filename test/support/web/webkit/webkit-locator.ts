import { eventually } from '../../eventually.ts';
import type { DrivenLocator, FoundRole, NameOptions, WaitOptions } from '../driven-page.ts';
import type { Step, Words } from '../finding-steps.ts';
import type { WebElement } from './web-driver.ts';
import type { WebKitWindow } from './webkit-window.ts';

/** It draws on the processor, and what it waits for is often a key from a passphrase. */
const WEBKIT_DEADLINE_MS = 120_000;

const wordsOf = (text: string | RegExp, exact = false): Words =>
  typeof text === 'string' ? { text, exact } : { source: text.source, flags: text.flags };

/** Elements of a page in WebKit, by the same words as Playwright's. */
export class WebKitLocator implements DrivenLocator {
  readonly #window: WebKitWindow;
  readonly #steps: readonly Step[];

  constructor(window: WebKitWindow, steps: readonly Step[] = []) {
    this.#window = window;
    this.#steps = steps;
  }

  getByRole(role: FoundRole, { name, exact }: NameOptions = {}): DrivenLocator {
    return this.#then({ by: 'role', role, ...(name !== undefined && { name: wordsOf(name, exact) }) });
  }

  getByText(text: string | RegExp, { exact }: { readonly exact?: boolean } = {}): DrivenLocator {
    return this.#then({ by: 'text', words: wordsOf(text, exact) });
  }

  getByLabel(text: string): DrivenLocator {
    return this.#then({ by: 'label', words: wordsOf(text) });
  }

  locator(selector: string): DrivenLocator {
    return this.#then({ by: 'css', selector });
  }

  filter({ hasText }: { readonly hasText: string | RegExp }): DrivenLocator {
    return this.#then({ by: 'containing', words: wordsOf(hasText) });
  }

  first(): DrivenLocator {
    return this.#then({ by: 'place', at: 0 });
  }

  last(): DrivenLocator {
    return this.#then({ by: 'place', at: -1 });
  }

  click(): Promise<void> {
    return this.#act((element) => this.#window.click(element));
  }

  focus(): Promise<void> {
    return this.#act(async (element) => void (await this.#window.evaluateOn(element, '(it) => it.focus()')));
  }

  fill(text: string): Promise<void> {
    return this.#act(async (element) => {
      await this.#window.evaluateOn(element, '(it) => { it.focus(); it.select(); }');
      if (text === '') await this.#window.press('Backspace');
      else await this.#window.type(text);
    });
  }

  async press(keys: string): Promise<void> {
    await this.focus();
    await this.#window.press(keys);
  }

  async pressSequentially(text: string): Promise<void> {
    await this.focus();
    await this.#window.type(text);
  }

  setInputFiles(path: string): Promise<void> {
    return this.#act((element) => this.#window.give(element, path), false);
  }

  async waitFor({ state = 'visible' }: WaitOptions = {}): Promise<void> {
    if (state !== 'detached') return this.#act(() => Promise.resolve(), state === 'visible');
    await this.#until(async () => {
      if ((await this.count()) > 0) throw new Error('it is still there');
    });
  }

  async count(): Promise<number> {
    return (await this.#window.find(this.#steps, false)).length;
  }

  async textContent(): Promise<string | null> {
    return String(await this.#ask('(it) => it.textContent'));
  }

  async inputValue(): Promise<string> {
    return String(await this.#ask('(it) => it.value'));
  }

  #then(step: Step): DrivenLocator {
    return new WebKitLocator(this.#window, [...this.#steps, step]);
  }

  async #ask(source: string): Promise<unknown> {
    let answer: unknown;
    await this.#act(async (element) => {
      answer = await this.#window.evaluateOn(element, source);
    }, false);
    return answer;
  }

  /** Once there is one element, and can be seen where that matters; again when it was replaced, or another was in its way. */
  #act(act: (element: WebElement) => Promise<void>, isShown = true): Promise<void> {
    return this.#until(async () => {
      const [element, ...others] = await this.#window.find(this.#steps, isShown);
      if (element === undefined) throw new Error('nothing fits');
      if (others.length > 0) throw new Error(`${others.length + 1} elements fit`);
      await act(element);
    });
  }

  async #until(check: () => Promise<void>): Promise<void> {
    try {
      await eventually(check, { deadlineMs: WEBKIT_DEADLINE_MS, pauseMs: 50 });
    } catch (cause) {
      throw new Error(`${JSON.stringify(this.#steps)}: ${String(cause)}`, { cause });
    }
  }
}
