import { ConclaveError, hasCode } from '../sdk/errors.ts';
import type { Tone } from './model/entry.ts';
import type { Notice } from './model/model.ts';
import { noticed, WARNING_MS, withoutNotices } from './model/notice.ts';
import type { Store } from './store.ts';

/** Says what is no part of a timeline. */
export class Notices {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Until something is typed. */
  say(text: string, tone: Tone = 'info'): void {
    this.#add({ text, tone, stays: 'while-reading' });
  }

  /** Until there is a connection. */
  sayWhileOffline(text: string): void {
    this.#add({ text, tone: 'warning', stays: 'while-offline' });
  }

  /** Until somebody puts it away or WARNING_MS have passed. */
  warn(text: string): void {
    this.#add({ text, tone: 'warning', stays: Date.now() + WARNING_MS });
  }

  /**
   * What went wrong with something that somebody asked for, until something is sent, or there is the connection that it lacked. Bugs
   * are not survived.
   */
  refuse(error: unknown): void {
    const text = reasonOf(error);
    const lacksConnection = hasCode(error, 'no_connection');
    const stays = lacksConnection ? 'while-offline' : 'while-editing';
    if (text !== undefined) this.#add({ text, tone: 'warning', stays });
  }

  /** What went wrong by itself. Bugs are not survived. */
  report(error: unknown): void {
    const text = reasonOf(error);
    if (text !== undefined) this.warn(text);
  }

  /** Somebody has read those that stay so long. */
  read(...stays: ReadonlyArray<Notice['stays']>): void {
    this.#store.change((model) => withoutNotices(model, stays));
  }

  #add(notice: Notice): void {
    this.#store.change((model) => noticed(model, notice));
  }
}

/** Undefined: nobody has to know. What is no refusal is thrown where nothing catches it. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof ConclaveError) return error.code === 'closed' ? undefined : error.message;
  queueMicrotask(() => {
    throw error;
  });
  return undefined;
}
