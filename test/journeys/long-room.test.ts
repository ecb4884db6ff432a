import { describe, expect, onTestFinished, test } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import { People } from '../support/cluster/people.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

const MESSAGES = 10_000;
const SENDS_AT_ONCE = 200;
/** 120 rows besides those in sight. */
const IN_DOCUMENT_MAX = 200;

async function say(room: Room, from: number, to: number): Promise<void> {
  for (let sent = from; sent <= to; sent += SENDS_AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(SENDS_AT_ONCE, to - sent + 1) }, (_, at) =>
        room.send(`number ${sent + at}`),
      ),
    );
}

/** Scrolls one way, less than a page at a time, until a message is in the document. What stood there on the way, and how much at most. */
async function scrollTo(
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

/** How far below the upper edge of the log a message stands, in pixels. */
async function placeOf({ page }: PageUser, text: string): Promise<number> {
  return Number(
    await page.evaluate(
      `[...document.querySelectorAll('article .text')].find(({ textContent }) => textContent === ${JSON.stringify(text)})?.getBoundingClientRect().top - document.querySelector('[role=log]').getBoundingClientRect().top`,
    ),
  );
}

/** Scrolls to the upper edge of what is loaded: by how many pixels what is there moves while the page before it comes. */
async function movedByOlder({ page }: PageUser): Promise<number> {
  return Number(
    await page.evaluate(
      `new Promise((moved) => {
        const log = document.querySelector('[role=log]');
        const firstOf = () => Number(log.querySelector('[data-seq]').dataset.seq);
        const placeOf = (seq) => log.querySelector('[data-seq="' + seq + '"]').getBoundingClientRect().top;
        const edge = firstOf();
        log.scrollTop = 2;
        const before = placeOf(edge);
        const wait = () => (firstOf() < edge ? moved(Math.abs(placeOf(edge) - before)) : requestAnimationFrame(wait));
        wait();
      })`,
    ),
  );
}

describe('a room of 10,000 messages on the page', () => {
  const web = pages();

  test('is scrolled through to its first message and back, with few of them in the document at any time', async () => {
    const stage = await web.scene();
    const people = new People();
    onTestFinished(() => people[Symbol.asyncDispose]());
    const bob = await people.register('bob', stage.gateway.url);
    // Of the two suites, the one whose messages open faster.
    await bob.client.create('Long', { suite: 2 });
    const room = await bob.client.room('Long');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Long' });
    await ada.isIn('Long');
    const address = ada.page.url();
    await ada.page.goto('about:blank');
    await say(room, 1, MESSAGES);
    await ada.page.goto(address);
    await ada.shows(`number ${MESSAGES}`);
    // Higher than what the window holds beyond what is in sight.
    await ada.page.setViewportSize({ width: 900, height: 2_000 });

    const up = await scrollTo(ada, 'number 1', -1);
    expect(up.most).toBeLessThan(IN_DOCUMENT_MAX);
    expect(new Set(up.seen).size).toBe(MESSAGES);
    const down = await scrollTo(ada, `number ${MESSAGES}`, 1);
    expect(down.most).toBeLessThan(IN_DOCUMENT_MAX);
    expect(new Set(down.seen).size).toBe(MESSAGES);
    expect(ada.complaints).toEqual([]);
  }, 900_000);

  test('keeps what somebody reads in its place while older messages are loaded and new ones come', async () => {
    const stage = await web.scene();
    const people = new People();
    onTestFinished(() => people[Symbol.asyncDispose]());
    const bob = await people.register('bob', stage.gateway.url);
    await bob.client.create('Long');
    const room = await bob.client.room('Long');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Long' });
    await ada.isIn('Long');
    const address = ada.page.url();
    await ada.page.goto('about:blank');
    await say(room, 1, 400);
    await ada.page.goto(address);
    await ada.shows('number 400');
    await scrollTo(ada, 'number 330', -1);
    await ada.shows('number 340');
    const before = await placeOf(ada, 'number 340');
    await say(room, 401, 430);
    await ada.button('↓ 30 new').waitFor();
    expect(Math.abs((await placeOf(ada, 'number 340')) - before)).toBeLessThanOrEqual(1);
    for (let pages = 0; pages < 3; pages += 1) expect(await movedByOlder(ada)).toBeLessThanOrEqual(1);
    expect(ada.complaints).toEqual([]);
  });
});
