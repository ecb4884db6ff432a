import { closest, distance } from 'fastest-levenshtein';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { type ActionId, actions, isActionId, isMessageAction } from './actions.ts';
import { type KeyName, parseKeyName, parseLetterKey } from './key-name.ts';

const { config: texts } = tuiTexts;

/** Which keys each action has; none at all for one that was unbound. */
export type Bindings = ReadonlyMap<ActionId, readonly KeyName[]>;

export type ReadBindings =
  | { readonly bindings: Bindings }
  /** Lines for the person who wrote them. */
  | { readonly faults: readonly string[] };

/** Without a key for it nothing could be done any more. */
const alwaysBound: ActionId = 'send';
const nearMissEdits = 3;

export const defaultBindings: Bindings = new Map(
  actions.map(({ id, keys }) => [id, keys.flatMap((key) => parseKeyOf(id, key) ?? [])]),
);

/** The defaults without what `own` names, and with it. A key that `own` gives to an action is taken from its default. */
export function readBindings(own: Readonly<Record<string, readonly string[]>>): ReadBindings {
  const faults: string[] = [];
  const bound = new Map<ActionId, readonly KeyName[]>();
  const takenBy = new Map<KeyName, ActionId>();
  for (const [id, keys] of Object.entries(own)) {
    if (!isActionId(id)) {
      faults.push(unknownAction(id));
      continue;
    }
    const names = new Set<KeyName>();
    for (const text of keys) {
      const key = parseKeyOf(id, text);
      const other = key === undefined ? undefined : takenBy.get(key);
      if (key === undefined)
        faults.push(texts.not_a_key(id, text, isMessageAction(id) ? texts.letter : texts.key));
      else if (other !== undefined) faults.push(texts.key_taken(id, key, other, texts.one_action));
      else names.add(key);
    }
    for (const key of names) takenBy.set(key, id);
    bound.set(id, [...names]);
  }
  const bindings = new Map(
    [...defaultBindings].map(([id, keys]) => [id, bound.get(id) ?? keys.filter((key) => !takenBy.has(key))]),
  );
  if (bindings.get(alwaysBound)?.length === 0) faults.push(texts.no_key_left(alwaysBound, texts.one_key));
  return faults.length > 0 ? { faults } : { bindings };
}

/** While a message is selected nothing is written, so letters are keys. */
function parseKeyOf(id: ActionId, text: string): KeyName | undefined {
  return parseKeyName(text) ?? (isMessageAction(id) ? parseLetterKey(text) : undefined);
}

export function keymapOf(bindings: Bindings): ReadonlyMap<KeyName, ActionId> {
  return new Map([...bindings].flatMap(([id, keys]) => keys.map((key): [KeyName, ActionId] => [key, id])));
}

function unknownAction(id: string): string {
  const nearest = closest(
    id,
    actions.map((action) => action.id),
  );
  const advice =
    distance(id, nearest) <= nearMissEdits ? texts.meant(nearest) : texts.allowed_only(texts.known_actions);
  return texts.unknown_action(id, advice);
}
