/** The key under which WebDriver refers to elements of a page. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** As WebDriver refers to it. */
export interface WebElement {
  readonly [ELEMENT]: string;
}

export const isWebElement = (value: unknown): value is WebElement =>
  typeof value === 'object' && value !== null && ELEMENT in value;

export const elementPath = (element: WebElement): string => `/element/${element[ELEMENT]}`;

/**
 * The W3C's WebDriver: JSON over HTTP. Clients in npm that are kept up do without Node 20 by now, and this takes a dozen commands
 * of it.
 */
export class WebDriver {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  get(path: string): Promise<unknown> {
    return this.#command('GET', path);
  }

  post(path: string, body: object = {}): Promise<unknown> {
    return this.#command('POST', path, JSON.stringify(body));
  }

  delete(path: string): Promise<unknown> {
    return this.#command('DELETE', path);
  }

  async #command(method: string, path: string, body?: string): Promise<unknown> {
    const response = await fetch(this.#address + path, { method, ...(body !== undefined && { body }) });
    const answer: unknown = await response.json();
    const value = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'value') : undefined;
    if (response.ok) return value;
    const { error, message } = Object(value);
    throw new Error(`${error}: ${message}`);
  }
}
