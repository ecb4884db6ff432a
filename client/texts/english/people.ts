import { counted, shown } from './numbers.ts';

/** Names in one line; beyond these it says how many more there are. */
const NAMES_MAX = 10;

export function listed(names: readonly string[]): string {
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
    `the server has shown more than ${shown(peopleMax)} people: new ones are not trusted, and nothing is sent to them, unless you accept them with conclave trust, or in the chat with /trust`,
  /** What the server has is not the backup that this device left there. */
  backup: ({ state }: { readonly state: 'rolled_back' | 'gone' | 'elsewhere' }): string =>
    ({
      rolled_back:
        'the server went back to an earlier backup of your account: this device stores a new one in its place',
      gone: 'the server no longer has the backup of your account: make one with conclave backup --new-code, or in the chat with /backup',
      elsewhere:
        'the backup of your account has a recovery code that this device does not know: another device made it, or the server went back to an earlier one. conclave backup --new-code, or /backup in the chat, makes one here',
    })[state],
  /** What the server keeps of the user's settings is not what this device may take over. */
  state: ({ kind }: { readonly kind: 'rolled_back' | 'refused' | 'newer' }): string =>
    ({
      rolled_back:
        'the server went back to earlier settings of yours: this device stores the later ones in their place',
      refused:
        'the settings that the server keeps for you do not open: this device changes none there, and uses its own, until another device of yours stores some that do. In the chat, /sync puts those of this device in their place',
      newer:
        'a later release stored your settings: update this client. Until then it uses its own, and stores none. In the chat, /sync puts those of this device in their place',
    })[kind],
  /** What a room's owner set for everybody; undefined: messages stay. */
  life_changed: ({ user, life }: { readonly user: string; readonly life: string | undefined }): string =>
    life === undefined
      ? `${user} set messages here to stay`
      : `${user} set messages here to disappear ${life} after they were shown`,
  /** What the server shows is not what holds; `life` is what does. */
  life_refused: (kind: LifeFaultName, life: string | undefined): string =>
    `${lifeFaults[kind]}: ${life === undefined ? 'messages here still stay' : `messages here still disappear after ${life}`}`,
  new_recipients: ({ users }: { readonly users: readonly string[] }): string =>
    `from now on, ${listed(users)} can also read what you send here`,
  /** What concerns the keys of a room of suite 2. */
  epoch: (kind: EpochEventName, { users, number }: EpochAbout): string =>
    epochTexts[kind](listed(users), number),
} as const;

export type LifeFaultName = keyof typeof lifeFaults;

const lifeFaults = {
  gone: 'the server no longer shows when messages here disappear, which the owner had set',
  differs: 'the server shows an earlier or a second setting of when messages here disappear',
  forged: 'the server shows a setting of when messages here disappear that the owner did not sign',
  not_owner:
    'when messages here disappear was set by a former owner, or with a former key, and the present owner has not confirmed it',
} as const;

export type EpochEventName = keyof typeof epochTexts;

export interface EpochAbout {
  readonly users: readonly string[];
  /** Of the epoch; days in keys_kept_shorter. */
  readonly number: number;
}

const epochTexts = {
  two_epochs: (_: string, number: number) =>
    `the server shows two different keys number ${shown(number)}: nothing is sent here until you accept that`,
  epoch_of_server: (_: string, number: number) =>
    `the server shows a key number ${shown(number)} that no member made`,
  epoch_of_member: (users: string, number: number) =>
    `${users} made a key number ${shown(number)} that does not open for you`,
  prekey_deleted: (_: string, number: number) =>
    `what opens key number ${shown(number)} is not here: messages under it stay closed`,
  epoch_unknown_form: (_: string, number: number) =>
    `key number ${shown(number)} has a form that this client does not know: update the client`,
  no_forward_secrecy: (users: string) =>
    `no forward secrecy: the long-term key of ${users} opens what is sent here`,
  prekeys_gone: (users: string) => `the server no longer shows the weekly keys of ${users}`,
  own_prekeys_differ: () =>
    'the server shows weekly keys of your account that were not made here: another copy of the account made them, or somebody has your keys',
  epochs_missing: (_: string, number: number) =>
    `keys before number ${shown(number)} are missing: the server may have been restored from a backup`,
  keys_kept_shorter: (_: string, days: number) =>
    `from now on, keys of messages are deleted here after ${counted(days, 'day')}`,
} as const;
