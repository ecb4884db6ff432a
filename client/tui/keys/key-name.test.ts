import { describe, expect, it } from 'vitest';
import { keyNameOf, parseKeyName } from './key-name.ts';

describe('the name of a key', () => {
  it('is written in one way, however a person writes it', () => {
    for (const [text, name] of [
      ['ctrl+a', 'ctrl+a'],
      ['Ctrl+A', 'ctrl+a'],
      ['ALT+Ctrl+x', 'ctrl+alt+x'],
      ['shift+alt+x', 'alt+shift+x'],
      ['alt+X', 'alt+shift+x'],
      ['Return', 'enter'],
      ['esc', 'escape'],
      ['PgUp', 'pageup'],
      ['alt+del', 'alt+delete'],
      ['ctrl+space', 'ctrl+space'],
      ['alt++', 'alt++'],
      ['alt+ä', 'alt+ä'],
      ['alt+1', 'alt+1'],
      ['alt+?', 'alt+?'],
      ['F12', 'f12'],
      [' shift+tab ', 'shift+tab'],
    ])
      expect([text, parseKeyName(text ?? '')]).toEqual([text, name]);
  });

  it('is that of the other key where terminals send the same for both', () => {
    for (const [text, name] of [
      ['ctrl+i', 'tab'],
      ['ctrl+m', 'enter'],
      ['ctrl+h', 'backspace'],
      ['ctrl+[', 'escape'],
      ['ctrl+@', 'ctrl+space'],
      ['ctrl+/', 'ctrl+_'],
      ['ctrl+alt+m', 'alt+enter'],
    ])
      expect([text, parseKeyName(text ?? '')]).toEqual([text, name]);
  });

  it('is refused for what types a character, and for what no terminal sends', () => {
    for (const text of ['', 'a', 'A', 'shift+a', 'space', ' ', '+', 'ctrl+', 'ctrl+ctrl+a', 'hyper+a', 'f99'])
      expect([text, parseKeyName(text)]).toEqual([text, undefined]);
    for (const text of [
      'ctrl+1',
      'ctrl+shift+a',
      'alt+shift+1',
      'alt+ab',
      'alt+\u202e',
      'ctrl+ä',
      'constructor',
    ])
      expect([text, parseKeyName(text)]).toEqual([text, undefined]);
  });

  it('means itself when it is read again', () => {
    for (const base of ['a', 'X', '1', '_', '\\', 'tab', 'enter', 'up', 'f1', 'ß', '日'])
      for (const ctrl of [false, true])
        for (const alt of [false, true])
          for (const shift of [false, true]) {
            const name = keyNameOf({ base, ctrl, alt, shift });
            if (name !== undefined) expect(parseKeyName(name)).toBe(name);
          }
  });
});
