import { describe, expect, it } from 'vitest';
import { actions, isMessageAction } from './actions.ts';
import { defaultBindings, keymapOf, readBindings } from './key-map.ts';
import { parseKeyName, parseLetterKey } from './key-name.ts';

function actionOf(own: Readonly<Record<string, readonly string[]>>, key: string): string | undefined {
  const read = readBindings(own);
  if ('faults' in read) throw new Error(read.faults.join('\n'));
  const name = parseKeyName(key);
  return name === undefined ? undefined : keymapOf(read.bindings).get(name);
}

describe('the table of actions', () => {
  it('names only keys that can be bound, in their one form, each for one action', () => {
    const keys = actions.flatMap((action) => [...action.keys]);
    for (const { id, keys: own } of actions)
      for (const key of own) expect(isMessageAction(id) ? parseLetterKey(key) : parseKeyName(key)).toBe(key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
    expect(keymapOf(defaultBindings).size).toBe(keys.length);
  });
});

describe('bindings of a person', () => {
  it('take the place of the default of their action', () => {
    expect(actionOf({ help: ['f9', 'alt+h'] }, 'F9')).toBe('help');
    expect(actionOf({ help: ['f9'] }, 'f1')).toBeUndefined();
    expect(actionOf({}, 'ctrl+a')).toBe('line-start');
  });

  it('take a key away from the action that has it by default', () => {
    expect(actionOf({ 'next-unread': ['ctrl+a'] }, 'ctrl+a')).toBe('next-unread');
    expect(actionOf({ 'next-unread': ['ctrl+a'] }, 'home')).toBe('line-start');
  });

  it('may leave an action without a key, but not sending', () => {
    expect(actionOf({ undo: [] }, 'ctrl+_')).toBeUndefined();
    expect(readBindings({ send: [] })).toEqual({
      faults: ['send has no key left. Allowed: at least one, by default "enter"'],
    });
    expect(readBindings({ 'new-line': ['enter'] })).toMatchObject({
      faults: [expect.stringMatching(/^send /)],
    });
    expect(actionOf({ 'new-line': ['enter'], send: ['alt+enter'] }, 'enter')).toBe('new-line');
  });

  it('are refused with a line for each fault', () => {
    expect(
      readBindings({ helpp: ['f1'], nonsense: [], redraw: ['a'], undo: ['alt+q'], yank: ['Alt+q'] }),
    ).toEqual({
      faults: [
        'helpp is not an action. Did you mean help?',
        'nonsense is not an action. Allowed: the actions that /help and the documentation list',
        'redraw: "a" is not a key that can be bound. Allowed: a key such as ctrl+a, alt+enter, alt+1, shift+tab, pageup, f1; characters only with ctrl or alt',
        'yank: "alt+q" is bound to undo too. Allowed: one action per key',
      ],
    });
  });
});
