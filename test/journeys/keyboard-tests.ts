import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { PageUser } from '../support/web/page-user.ts';
import type { Pages } from '../support/web/pages.ts';

/** What has the focus: its label or text, in its own words. */
function focused({ page }: PageUser<DrivenPage>): Promise<unknown> {
  return page.evaluate(
    `(() => {
      const { activeElement: at, body } = document;
      if (at === body) return 'nothing';
      if (at.id === 'input') return 'input';
      if (at.matches('article')) return 'message ' + (at.querySelector('.text, .instead')?.textContent ?? '');
      return at.getAttribute('aria-label') ?? at.textContent;
    })()`,
  );
}

/** Until the focus is there: what takes it may be drawn a frame later. */
async function expectFocus(user: PageUser<DrivenPage>, on: string): Promise<void> {
  await eventually(async () => expect(await focused(user)).toBe(on));
}

async function press({ page }: PageUser<DrivenPage>, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** What the page does in any browser for somebody who uses no pointer. */
export function keyboardTests<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test('keeps what is typed while completions appear for it, before the page is drawn again', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada');
    await expectFocus(ada, 'input');
    // Promises settle before the next frame, whatever they wait for in turn.
    const kept = await ada.page.evaluate(`(async () => {
      const field = document.querySelector('#input');
      field.value = '/joi';
      field.setSelectionRange(4, 4);
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      for (let turn = 0; turn < 200; turn += 1) await undefined;
      return [field.value, document.querySelectorAll('#completions [role="option"]').length];
    })()`);
    expect(kept).toEqual(['/joi', 1]);
    await press(ada, 'Tab');
    await eventually(async () => expect(await ada.input.inputValue()).toBe('/join '));
  });

  test('leads to every message and to what can be done to it, and loses the focus on no way', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    for (const text of ['one', 'see https://example.org', 'three']) {
      await stage.done('carol', 'send', 'Lobby', text);
      await ada.shows(text === 'see https://example.org' ? 'https://example.org' : text);
    }
    await expectFocus(ada, 'input');
    await press(ada, 'ArrowUp');
    await expectFocus(ada, 'message three');
    await press(ada, 'ArrowUp');
    await expectFocus(ada, 'message see https://example.org');
    // Tab goes into the message, and not to the others.
    await press(ada, 'Tab');
    await expectFocus(ada, 'https://example.org');
    await press(ada, 'Tab');
    await expectFocus(ada, 'reply');
    await press(ada, 'Escape');
    await expectFocus(ada, 'message see https://example.org');
    await press(ada, 'Home');
    await expectFocus(ada, 'message one');
    await press(ada, 'End');
    await expectFocus(ada, 'message three');

    // Choosing a reaction opens a list, which gives the focus back.
    await press(ada, 'Enter', 'ArrowRight');
    await expectFocus(ada, 'react');
    await press(ada, 'Enter');
    await ada.page.getByRole('listbox').waitFor();
    await press(ada, 'Escape');
    await expectFocus(ada, 'react');
    await press(ada, 'Escape', 'Enter', 'Enter');
    await expectFocus(ada, 'input');
    await ada.page.keyboard.type('an answer');
    await press(ada, 'Enter');
    await ada.shows('an answer');
    await ada.log.locator('.echo').waitFor({ state: 'detached' });

    // A message that is taken back has no actions any more: the focus stays with it, or with what stands there.
    await press(ada, 'ArrowUp', 'Enter');
    await expectFocus(ada, 'reply');
    await press(ada, 'ArrowLeft', 'ArrowLeft');
    await expectFocus(ada, 'take back');
    await press(ada, 'Enter');
    await ada.button('take it back').waitFor();
    await expectFocus(ada, 'No');
    await press(ada, 'Shift+Tab');
    await expectFocus(ada, 'take it back');
    await press(ada, 'Enter');
    await ada.log.getByText('took this message back').waitFor();
    await expectFocus(ada, 'message took this message back');
    expect(ada.complaints).toEqual([]);
  });

  test('leads to each part, lists its shortcuts, and goes on in the input after a room is left', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('/create Garden');
    await ada.isIn('Garden');
    await ada.page.getByRole('navigation').getByText('Lobby').waitFor();
    await press(ada, 'Alt+ArrowDown');
    await ada.isIn('Lobby');
    await expectFocus(ada, 'input');
    // The members are a part once they are known.
    await ada.page.getByRole('complementary').getByRole('button', { name: /carol/ }).waitFor();
    await press(ada, 'F6', 'F6');
    await expectFocus(ada, 'Lobby');
    await press(ada, 'ArrowUp');
    await expectFocus(ada, 'Garden');
    await press(ada, 'Enter');
    await ada.isIn('Garden');
    await expectFocus(ada, 'input');

    await press(ada, 'Control+/');
    await ada.page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await ada.page.getByText('Ctrl+K: go to a room by some letters of its name').waitFor();
    await press(ada, 'Escape');
    await expectFocus(ada, 'input');

    await ada.page.locator('summary').focus();
    await press(ada, 'Enter', 'Tab', 'ArrowDown');
    await expectFocus(ada, 'Keyboard shortcuts');
    await press(ada, 'Enter');
    await ada.page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await press(ada, 'Escape');
    await expectFocus(ada, 'Menu');

    await ada.line('/leave');
    await ada.button('leave').waitFor();
    await expectFocus(ada, 'No');
    await press(ada, 'Shift+Tab');
    await expectFocus(ada, 'leave');
    await press(ada, 'Enter');
    await ada.isIn('Lobby');
    await expectFocus(ada, 'input');
    expect(ada.complaints).toEqual([]);
  });
}
