export const LANGUAGES = ['auto', 'en', 'de'] as const;
export const THEMES = ['auto', 'light', 'dark'] as const;
/** Minutes without a key or a pointer after which an open account is locked; 0: never. */
export const IDLE_MINUTES = [0, 5, 15, 60] as const;

/** What somebody chose in this browser, for all of its accounts. */
export interface Preferences {
  readonly language: (typeof LANGUAGES)[number];
  readonly theme: (typeof THEMES)[number];
  /** Whether others see when somebody types here. */
  readonly typing: boolean;
  readonly notify: boolean;
  /** Notifications name neither people nor rooms. */
  readonly hidesNames: boolean;
  readonly idleMinutes: (typeof IDLE_MINUTES)[number];
  /** Somebody was told that this browser may delete what it keeps. */
  readonly knowsEviction: boolean;
}

const defaults: Preferences = {
  ...{ language: 'auto', theme: 'auto', typing: true, notify: false, hidesNames: false, idleMinutes: 0 },
  knowsEviction: false,
};
const YES_OR_NO = [true, false];
/** Of the browser's storage. */
const KEY = 'conclave-preferences';

/** Nothing of it is a secret, and language and theme are needed before an account is open: it is in no profile. */
export class PreferenceStore {
  readonly #watchers = new Set<() => void>();
  #current: Preferences;

  constructor() {
    this.#current = parsedPreferences(localStorage.getItem(KEY) ?? '');
  }

  get current(): Preferences {
    return this.#current;
  }

  change(changed: Partial<Preferences>): void {
    this.#current = { ...this.#current, ...changed };
    localStorage.setItem(KEY, JSON.stringify(this.#current));
    for (const watcher of this.#watchers) watcher();
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** What cannot be understood is as if nobody had chosen. */
function parsedPreferences(text: string): Preferences {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return defaults;
  }
  const chosenFor = (name: keyof Preferences): unknown =>
    typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined;
  const oneOf = <N extends keyof Preferences>(name: N, choices: readonly Preferences[N][]): Preferences[N] =>
    choices.find((choice) => choice === chosenFor(name)) ?? defaults[name];
  return {
    language: oneOf('language', LANGUAGES),
    theme: oneOf('theme', THEMES),
    typing: oneOf('typing', YES_OR_NO),
    notify: oneOf('notify', YES_OR_NO),
    hidesNames: oneOf('hidesNames', YES_OR_NO),
    idleMinutes: oneOf('idleMinutes', IDLE_MINUTES),
    knowsEviction: oneOf('knowsEviction', YES_OR_NO),
  };
}
