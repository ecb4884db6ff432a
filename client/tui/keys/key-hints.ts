import { tuiTexts } from '../../texts/tui-texts.ts';
import type { ActionId } from './actions.ts';
import { type Bindings, defaultBindings } from './key-map.ts';
import type { KeyName } from './key-name.ts';

const names: Readonly<Record<string, string>> = tuiTexts.keys;

/** Names the keys that are bound, for hints on the screen. */
export class KeyHints {
  readonly #bindings: Bindings;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  /** The first key of an action, as people write it: `Alt+U`. Undefined: it has none. */
  of(action: ActionId): string | undefined {
    const [key] = this.#bindings.get(action) ?? [];
    return key === undefined ? undefined : shownKey(key);
  }
}

export const DEFAULT_HINTS: KeyHints = new KeyHints(defaultBindings);

function shownKey(key: KeyName): string {
  const [, modifiers = '', base = ''] = /^((?:(?:ctrl|alt|shift)\+)*)(.+)$/su.exec(key) ?? [];
  const parts = [...modifiers.split('+').filter(Boolean), base];
  return parts.length === 1 && base.length === 1
    ? base
    : parts.map((part) => names[part] ?? part.toUpperCase()).join('+');
}
