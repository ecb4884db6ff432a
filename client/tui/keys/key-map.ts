import { closest, distance } from 'fastest-levenshtein';
import { type ActionId, actions, isActionId } from './actions.ts';
import { allowedKeys, type KeyName, parseKeyName } from './key-name.ts';

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
  actions.map(({ id, keys }) => [id, keys.flatMap((key) => parseKeyName(key) ?? [])]),
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
      const key = parseKeyName(text);
      const other = key === undefined ? undefined : takenBy.get(key);
      if (key === undefined)
        faults.push(`${id}: "${text}" is no key that can be bound. Allowed: ${allowedKeys}`);
      else if (other !== undefined)
        faults.push(`${id}: "${key}" is bound to ${other} too. Allowed: one action for a key`);
      else names.add(key);
    }
    for (const key of names) takenBy.set(key, id);
    bound.set(id, [...names]);
  }
  const bindings = new Map(
    [...defaultBindings].map(([id, keys]) => [id, bound.get(id) ?? keys.filter((key) => !takenBy.has(key))]),
  );
  if (bindings.get(alwaysBound)?.length === 0)
    faults.push(`${alwaysBound} has no key left. Allowed: at least one, by default "enter"`);
  return faults.length > 0 ? { faults } : { bindings };
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
    distance(id, nearest) <= nearMissEdits
      ? `Did you mean ${nearest}?`
      : 'Allowed: the actions that F1 and the documentation list';
  return `${id} is no action. ${advice}`;
}
