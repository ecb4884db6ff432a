import { describe, expect, test } from 'vitest';
import { sampleModel } from '../../../test/support/chat/sample-model.ts';
import { Dialogs } from '../../chat/dialogs.ts';
import { Store } from '../../chat/store.ts';
import { defaultBindings, keymapOf } from '../keys/key-map.ts';
import { parseKeyName } from '../keys/key-name.ts';
import { dialogInputOf, emptyScreen } from '../screen-model.ts';
import { ScreenStore } from '../screen-store.ts';
import { DialogKeys } from './dialog-keys.ts';

/** Dialogs in a terminal that draws nothing, and somebody at its keyboard. */
function keyboard() {
  const store = new Store(sampleModel());
  const screen = new ScreenStore(store, emptyScreen, { look: () => undefined, draw: () => undefined });
  const dialogs = new Dialogs(store);
  const keys = new DialogKeys(dialogs, screen);
  const keymap = keymapOf(defaultBindings);
  /** Names of keys; anything else is typed. A question is there a turn after it was asked. */
  const press = async (...pressed: readonly string[]): Promise<void> => {
    for (const name of pressed) {
      await new Promise((resolve) => setImmediate(resolve));
      const key = name.length === 1 ? undefined : parseKeyName(name);
      if (key === undefined) keys.take({ type: 'text', text: name }, undefined);
      else keys.take({ type: 'key', key }, keymap.get(key));
    }
  };
  const shown = () => ({ dialog: screen.model.dialog, input: dialogInputOf(screen.model) });
  return { dialogs, press, shown, [Symbol.dispose]: () => screen.close() };
}

const items = ['alpha', 'beta', 'gamma'].map((id) => ({ id, label: id, detail: '' }));

describe('the keyboard in front of a question', () => {
  test('edits the answer in the middle, and Enter gives it', async () => {
    using at = keyboard();
    const answer = at.dialogs.prompt({ title: 'Name', initial: 'Ad' });
    await at.press('a', 'home', 'x', 'delete', 'A', 'ctrl+a', 'delete', 'enter');
    expect(await answer).toBe('Ada');
  });

  test('keeps one line of what is pasted', async () => {
    using at = keyboard();
    const answer = at.dialogs.prompt({ title: 'Name' });
    await at.press('one\ntwo', 'enter');
    expect(await answer).toBe('one two');
  });

  test('takes y and n, and says so when Enter is pressed', async () => {
    using at = keyboard();
    const leave = at.dialogs.confirm('Leave?', [], 'leave');
    await at.press('enter', 'x');
    expect(at.shown().input.remark).toBe('Press y or n.');
    await at.press('y');
    expect(await leave).toBe(true);
    const again = at.dialogs.confirm('Leave?', [], 'leave');
    await at.press('N');
    expect(await again).toBe(false);
    expect(at.shown().input.remark).toBeUndefined();
  });

  test('narrows a list by what is typed, and chooses in it', async () => {
    using at = keyboard();
    const chosen = at.dialogs.pick({ title: 'Which?', items, nothing: 'none' });
    await at.press('a', 'down', 'down', 'down', 'up', 'enter');
    expect(await chosen).toBe('beta');
  });

  test('ends a page by the letter of a choice, and a question by Esc', async () => {
    using at = keyboard();
    const choices = [{ id: 'verified', label: 'it is the same' }];
    const page = at.dialogs.page({ title: 'Safety number', lines: ['1 2 3'], choices });
    await at.press('x', 'v');
    expect(await page).toBe('verified');
    const name = at.dialogs.prompt({ title: 'Name' });
    await at.press('A', 'escape');
    expect(await name).toBeUndefined();
  });

  test('moves through a page no further than its end', async () => {
    using at = keyboard();
    const lines = Array.from({ length: 60 }, (_, line) => `line ${line}`);
    const read = at.dialogs.page({ title: 'Long', lines });
    await at.press('down', 'pagedown');
    expect(at.shown().input.top).toBe(11);
    await at.press(...Array<string>(9).fill('pagedown'));
    const end = at.shown().input.top;
    await at.press('pagedown');
    expect(at.shown().input.top).toBe(end);
    expect(end).toBeLessThan(60);
    await at.press('enter');
    expect(await read).toBeUndefined();
  });
});
