import { describe, expect, test } from 'vitest';
import { axeFaults } from '../support/web/axe-faults.ts';
import { pages } from '../support/web/pages.ts';

describe('the page', () => {
  const web = pages();

  test('has nothing that axe finds fault with, before and after an account is open, in any of its dialogs, and narrow', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const first = await web.open(stage.gateway.url);
    await first.button('New account').waitFor();
    expect(await axeFaults(first.page)).toEqual([]);
    await first.button('New account').click();
    await first.page.getByRole('textbox', { name: 'Choose a user name' }).waitFor();
    expect(await axeFaults(first.page)).toEqual([]);

    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await stage.done('carol', 'send', 'Lobby', 'hello ada, see https://example.org');
    await ada.log.getByText('hello ada, see').waitFor();
    await ada.line('hello carol');
    await ada.shows('hello carol');
    await ada.log.locator('.echo').waitFor({ state: 'detached' });
    await ada.line('/react ❤');
    await ada.page.getByRole('button', { name: /: 1 reaction/ }).waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.getByLabel('Menu').click();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');

    /** Each line opens a dialog. */
    const dialogs = {
      '/help': 'Help: type to search',
      '/verify carol': 'Safety number with carol',
      '/keys': /^Keys of ada/,
      '/create Garden password': 'New password of Garden',
      '/leave': 'Leave Lobby?',
      '/members': /members of Lobby$/,
    } as const;
    for (const [line, name] of Object.entries(dialogs)) {
      await ada.line(line);
      await ada.page.getByRole('dialog', { name }).waitFor();
      expect([line, await axeFaults(ada.page)]).toEqual([line, []]);
      await ada.page.keyboard.press('Escape');
      await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await ada.page.keyboard.press('Control+/');
    await ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    const moving = (): Promise<number> =>
      ada.page.evaluate(
        "[...document.querySelectorAll('*')].filter((each) => getComputedStyle(each).transitionDuration !== '0s').length",
      );
    expect(await moving()).toBeGreaterThan(0);
    await ada.page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moving()).toBe(0);
    await ada.page.setViewportSize({ width: 320, height: 640 });
    expect(await axeFaults(ada.page)).toEqual([]);
    expect(await ada.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  });
});
