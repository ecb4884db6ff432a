import type { BrowserContextOptions } from 'playwright-core';

/** What tests that run in every engine use of Playwright's Page; where Playwright cannot drive a browser, something else does. */
export interface DrivenPage extends Finding {
  readonly keyboard: {
    /** Such as `Enter` or `Control+k`. */
    press(keys: string): Promise<void>;
    type(text: string): Promise<void>;
  };
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  title(): Promise<string>;
  content(): Promise<string>;
  /** Of an expression, as its source; of a promise, what it resolves to. */
  evaluate(expression: string): Promise<unknown>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
}

export interface Finding {
  getByRole(role: FoundRole, options?: NameOptions): DrivenLocator;
  getByText(text: string | RegExp, options?: { readonly exact?: boolean }): DrivenLocator;
  getByLabel(text: string): DrivenLocator;
  /** By a selector of CSS. */
  locator(selector: string): DrivenLocator;
}

export type FoundRole =
  | 'alert'
  | 'button'
  | 'complementary'
  | 'dialog'
  | 'heading'
  | 'img'
  | 'listbox'
  | 'log'
  | 'navigation'
  | 'option'
  | 'status'
  | 'textbox';

export interface NameOptions {
  readonly name?: string | RegExp;
  readonly exact?: boolean;
}

/** What fits, whenever it is asked for: acts wait until just one element does. */
export interface DrivenLocator extends Finding {
  first(): DrivenLocator;
  last(): DrivenLocator;
  filter(options: { readonly hasText: string | RegExp }): DrivenLocator;
  click(): Promise<void>;
  focus(): Promise<void>;
  fill(text: string): Promise<void>;
  press(keys: string): Promise<void>;
  pressSequentially(text: string): Promise<void>;
  /** Paths of files, into the field of a form. */
  setInputFiles(files: string): Promise<void>;
  waitFor(options?: WaitOptions): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  inputValue(): Promise<string>;
}

export interface WaitOptions {
  /** Default: visible. */
  readonly state?: 'attached' | 'detached' | 'visible';
}

/** A file that the page handed to the browser's downloads. */
export interface Downloaded {
  readonly name: string;
  readonly path: string;
}

/** A browser that has nothing of others in its storage, with one page open. */
export interface Seat<Page extends DrivenPage> extends AsyncDisposable {
  readonly page: Page;
  /** Whatever its pages wrote to the console, or threw. */
  readonly complaints: string[];
  /** Another page that shares the storage. */
  newTab(): Promise<Page>;
  /** The file that comes of what somebody does. */
  downloaded(act: () => Promise<void>): Promise<Downloaded>;
}

/** A browser for all tests of a file. */
export interface Browser<Driven extends DrivenPage> {
  open(options?: BrowserContextOptions): Promise<Seat<Driven>>;
  close(): Promise<void>;
}
