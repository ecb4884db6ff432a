import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

/** What has the focus, in its own words. */
const FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

async function expectNothingBeside({ page }: PageUser): Promise<void> {
  const [needed, wide] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, innerWidth]',
  );
  expect(needed).toBeLessThanOrEqual(wide);
}

describe('the page on a phone', () => {
  const web = pages();

  test('shows its lists over the conversation until somebody chose in them, touched beside them or pressed Escape', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('/create Garden');
    await ada.isIn('Garden');
    const { page } = ada;
    await page.setViewportSize({ width: 390, height: 780 });
    const rooms = page.getByRole('navigation');
    const members = page.getByRole('complementary');
    const toggle = { rooms: ada.button('Show or hide rooms'), members: ada.button('Show or hide members') };
    for (const list of [rooms, members]) await list.waitFor({ state: 'hidden' });
    const told = (name: string, expanded: boolean): Promise<void> =>
      page.getByRole('button', { name, expanded }).waitFor();
    await told('Show or hide rooms', false);

    await toggle.rooms.click();
    await told('Show or hide rooms', true);
    await rooms.getByText('Lobby').click();
    await page.getByRole('heading', { name: 'Lobby', exact: true }).waitFor();
    await rooms.waitFor({ state: 'hidden' });

    await toggle.rooms.click();
    await rooms.waitFor();
    await page.mouse.click(370, 400);
    await rooms.waitFor({ state: 'hidden' });

    await toggle.members.click();
    await members.getByRole('button', { name: /carol/ }).waitFor();
    await page.keyboard.press('Escape');
    await members.waitFor({ state: 'hidden' });
    expect(await page.evaluate(FOCUSED)).toBe('Show or hide members');
    await toggle.members.click();
    await members.getByRole('button', { name: /carol/ }).focus();
    await page.keyboard.press('Escape');
    await members.waitFor({ state: 'hidden' });
    await eventually(async () => expect(await page.evaluate(FOCUSED)).toBe('Message to Lobby'));

    // Beside the conversation they stay where they are.
    await page.setViewportSize({ width: 1120, height: 700 });
    await members.waitFor();
    for (const name of ['Show or hide rooms', 'Show or hide members']) await told(name, true);
    await page.mouse.click(560, 300);
    await page.keyboard.press('Escape');
    for (const list of [rooms, members]) expect(await list.isVisible()).toBe(true);
    expect(ada.complaints).toEqual([]);
  });

  test('leads whoever is in no room to one, and covers none that was just made', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    const { page } = ada;
    await page.setViewportSize({ width: 390, height: 780 });
    await page.getByRole('main').getByRole('button', { name: 'Create a room' }).click();
    await ada.answer('Name of the new room', 'Lobby');
    await page.getByRole('heading', { name: 'Lobby', exact: true }).waitFor();
    await ada.button('Show or hide rooms').click();
    await page.getByRole('navigation').getByRole('button', { name: 'Create a room' }).click();
    await ada.answer('Name of the new room', 'Garden');
    await page.getByRole('heading', { name: 'Garden', exact: true }).waitFor();
    await page.getByRole('navigation').waitFor({ state: 'hidden' });
    expect(await axeFaults(page)).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });

  test('has nothing beside 320 pixels, whatever is open, and at twice the size of text', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await stage.done('carol', 'send', 'Lobby', `${'a'.repeat(200)} https://example.org/${'b'.repeat(200)}`);
    await ada.log.getByText(/aaaa/).waitFor();
    const { page } = ada;
    for (const [width, size] of [
      [320, '100%'],
      [640, '200%'],
    ] as const) {
      await page.setViewportSize({ width, height: 560 });
      await page.evaluate(`void (document.documentElement.style.fontSize = '${size}')`);
      await expectNothingBeside(ada);
      for (const line of ['/help', '/verify carol', '/keys', '/backup', '/link', '/rooms', '/leave']) {
        await ada.line(line);
        await page.getByRole('dialog').waitFor();
        await expectNothingBeside(ada);
        const [left, right, bottom] = await page.evaluate<[number, number, number]>(
          "(({ left, right, bottom }) => [left, right, bottom])(document.querySelector('dialog').getBoundingClientRect())",
        );
        expect([line, left >= 0, right <= width, bottom <= 560]).toEqual([line, true, true, true]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
    }
    expect(ada.complaints).toEqual([]);
  });
});
