import type { Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

/** What the page loads only when it is needed. */
const LATER = 'document.querySelector("meta[name=parts]").content.split(" ")';
const LOADED = `performance.getEntriesByType('resource').map(({ name }) => name.slice(name.lastIndexOf('/') + 1))`;

/** Names of what was loaded of the parts that a page loads later, once all of them were. */
async function loadsItsParts({ page }: PageUser): Promise<void> {
  const later = await page.evaluate<string[]>(LATER);
  expect(later.length).toBeGreaterThan(5);
  await eventually(async () =>
    expect(await page.evaluate<string[]>(LOADED)).toEqual(expect.arrayContaining(later)),
  );
}

/** Whatever the page loads later is answered so from now on. */
async function answerParts({ page }: PageUser, answer: (route: Route) => Promise<void>): Promise<void> {
  const later = await page.evaluate<string[]>(LATER);
  await page.route(({ pathname }) => later.includes(pathname.slice(1)), answer);
}

/** How often it was loaded since. */
function loadsOf({ page }: PageUser): () => number {
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  return () => loads;
}

async function makesLobby(user: PageUser): Promise<void> {
  await user.line('/create Lobby');
  await user.isIn('Lobby');
}

describe('a page that is open', () => {
  const web = pages();

  test('has all of its parts soon, and needs no server for them later', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    await makesLobby(ada);
    await loadsItsParts(ada);
    await stage.gateway.kill();
    await ada.input.fill(':rocke');
    // Until what may be meant is offered, the key leads to the next control.
    await ada.page.getByRole('option').first().waitFor();
    await ada.input.press('Tab');
    await eventually(async () => expect(await ada.input.inputValue()).toBe('🚀 '));
    expect(ada.complaints).toEqual([]);
  });

  test('goes on without a part that cannot be loaded', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    await answerParts(ada, (route) => route.abort());
    await ada.page.reload();
    await makesLobby(ada);
    await ada.input.fill(':rocke');
    await ada.input.press('Tab');
    await ada.line('still here');
    await ada.shows('still here');
  });

  test('is loaded again, once, when its server has another build and lacks a part of this one', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    // Or this page would be loaded again by itself before it is told to.
    await loadsItsParts(ada);
    const loads = loadsOf(ada);
    await answerParts(ada, (route) => route.fulfill({ status: 404, body: '' }));
    await ada.page.reload();
    await eventually(() => expect(loads()).toBe(2));
    // All are asked for once more.
    await loadsItsParts(ada);
    expect(loads()).toBe(2);
    await makesLobby(ada);
  });

  test('is not loaded again, nor left without a question, while a message waits for the server', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    await makesLobby(ada);
    stage.gateway.pause();
    try {
      await ada.line('on its way');
      await ada.shows('on its way');
      const loads = loadsOf(ada);
      await ada.page.route(/\/part-AAAAAAAA\.js$/, (route) => route.fulfill({ status: 404, body: '' }));
      await ada.page.evaluate("fetch('/part-AAAAAAAA.js').then(() => undefined)");
      const asked = ada.page.waitForEvent('dialog');
      await ada.page.close({ runBeforeUnload: true });
      const question = await asked;
      expect(question.type()).toBe('beforeunload');
      await question.dismiss();
      expect(loads()).toBe(0);
    } finally {
      stage.gateway.resume();
    }
    await eventually(async () => expect(await ada.log.getByText('sending').count()).toBe(0));
    await ada.shows('on its way');
  });
});
