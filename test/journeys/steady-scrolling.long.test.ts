import { describe, expect, test } from 'vitest';
import { openLongRoom, say, scrollThrough, scrollTo } from '../support/web/long-room.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

/** More than the document holds at a time; the other part on long rooms scrolls through 10,000. */
const MESSAGES = 600;

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

describe('a room of 600 messages on the page', () => {
  const web = pages();

  test(
    'is scrolled through to its first message and back, with few of them in the document at any time',
    () => scrollThrough(web, MESSAGES),
    600_000,
  );

  test('keeps what somebody reads in its place while older messages are loaded and new ones come', async () => {
    const { ada, room } = await openLongRoom(web, 400, 1);
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
