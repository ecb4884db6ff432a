import { shown } from './numbers.ts';

/** Names in one line; beyond these it says how many more there are. */
const NAMES_MAX = 10;

function listed(names: readonly string[]): string {
  const first = names.slice(0, NAMES_MAX).join(', ');
  return names.length > NAMES_MAX ? `${first} and ${shown(names.length - NAMES_MAX)} more` : first;
}

/** What a person has to know about others. */
export const people = {
  /** Who put somebody out, and why: nobody signed it. Empty when the server does not say. */
  expulsion: ({
    by,
    why,
  }: {
    readonly by?: string | undefined;
    readonly why?: string | undefined;
  }): string => {
    if (by === undefined && why === undefined) return '';
    const words = why === undefined ? '' : `: “${why}”`;
    return ` (${by === undefined ? '' : `by ${by}, `}says the server${words})`;
  },
  /** Who came and went without an event that told of it. */
  members_differ: ({
    joined,
    left,
  }: {
    readonly joined: readonly string[];
    readonly left: readonly string[];
  }): string => {
    const parts = [
      ...(joined.length > 0 ? [`${listed(joined)} joined`] : []),
      ...(left.length > 0 ? [`${listed(left)} left`] : []),
    ];
    return `since you last looked, ${parts.join('; ')}`;
  },
  /** `peopleMax`: how many a profile pins. */
  people_full: ({ peopleMax }: { readonly peopleMax: number }): string =>
    `the server has shown more than ${shown(peopleMax)} people: new ones are not trusted, and nothing is sent to them, unless you accept them with trust`,
  /** What the server has is not the backup that this device left there. */
  backup: ({ state }: { readonly state: 'rolled_back' | 'gone' | 'elsewhere' }): string =>
    ({
      rolled_back:
        'the server went back to an earlier backup of your account: this device stores a new one in its place',
      gone: 'the server no longer has the backup of your account: make one with conclave backup --new-code',
      elsewhere:
        'the backup of your account has a recovery code that this device does not know: another device made it, or the server went back to an earlier one. conclave backup --new-code makes one here',
    })[state],
  new_recipients: ({ users }: { readonly users: readonly string[] }): string =>
    `${listed(users)} can read what you send here for the first time`,
} as const;
