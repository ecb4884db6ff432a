import { expect, onTestFinished } from 'vitest';
import type { Room } from '../../../client/sdk/index.ts';
import { People } from '../cluster/people.ts';
import type { PageUser } from './page-user.ts';
import type { Pages } from './pages.ts';

const SENDS_AT_ONCE = 200;
/** 120 rows besides those in sight. */
const IN_DOCUMENT_MAX = 200;

export interface LongRoom {
  /** Of somebody else, whose client is beside the page. */
  readonly room: Room;
  readonly ada: PageUser;
}

/** A page at a room with so many messages, `number 1` and on, that were written while it was away. */
export async function openLongRoom(web: Pages, count: number, suite: 1 | 2): Promise<LongRoom> {
  const stage = await web.scene();
  const people = new People();
  onTestFinished(() => people[Symbol.asyncDispose]());
  const bob = await people.register('bob', stage.gateway.url);
  await bob.client.create('Long', { suite });
  const room = await bob.client.room('Long');
  const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Long' });
  await ada.isIn('Long');
  const address = ada.page.url();
  await ada.page.goto('about:blank');
  await say(room, 1, count);
  await ada.page.goto(address);
  await ada.shows(`number ${count}`);
  return { room, ada };
}

export async function say(room: Room, from: number, to: number): Promise<void> {
  for (let sent = from; sent <= to; sent += SENDS_AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(SENDS_AT_ONCE, to - sent + 1) }, (_, at) =>
        room.send(`number ${sent + at}`),
      ),
    );
}

/** Scrolls one way, less than a page at a time, until a message is in the document. What stood there on the way, and how much at most. */
export async function scrollTo(
  { page }: PageUser,
  text: string,
  way: -1 | 1,
): Promise<{ readonly seen: readonly string[]; readonly most: number }> {
  const found: unknown = await page.evaluate(
    `new Promise((found) => {
      const log = document.querySelector('[role=log]');
      const seen = new Set();
      let most = 0;
      const step = () => {
        const texts = [...log.querySelectorAll('article .text')].map(({ textContent }) => textContent);
        for (const text of texts) seen.add(text);
        most = Math.max(most, texts.length);
        if (texts.includes(${JSON.stringify(text)})) return found(JSON.stringify({ seen: [...seen], most }));
        log.scrollTop += ${way} * 0.8 * log.clientHeight;
        requestAnimationFrame(() => requestAnimationFrame(step));
      };
      step();
    })`,
  );
  return JSON.parse(String(found));
}

/** Up to the first message and down again: each is in the document once, and few at any time. */
export async function scrollThrough(web: Pages, count: number): Promise<void> {
  // Of the two suites, the one whose messages open faster.
  const { ada } = await openLongRoom(web, count, 2);
  // Higher than what the window holds beyond what is in sight.
  await ada.page.setViewportSize({ width: 900, height: 2_000 });
  const up = await scrollTo(ada, 'number 1', -1);
  expect(up.most).toBeLessThan(IN_DOCUMENT_MAX);
  expect(new Set(up.seen).size).toBe(count);
  const down = await scrollTo(ada, `number ${count}`, 1);
  expect(down.most).toBeLessThan(IN_DOCUMENT_MAX);
  expect(new Set(down.seen).size).toBe(count);
  expect(ada.complaints).toEqual([]);
}
