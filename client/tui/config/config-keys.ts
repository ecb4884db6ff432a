/** A value of the config file besides the bindings of keys. */
export interface ConfigKey<T> {
  readonly name: string;
  readonly fallback: T;
  /** Completes the sentence "Allowed: …". */
  readonly allowed: string;
  readonly meaning: string;
  /** Undefined: not allowed. */
  parse(value: unknown): T | undefined;
}

function oneOf<const T extends string>(
  name: string,
  fallback: T,
  choices: readonly T[],
  meaning: string,
): ConfigKey<T> {
  return {
    name,
    fallback,
    meaning,
    allowed: choices.map((choice) => `"${choice}"`).join(', '),
    parse: (value) => choices.find((choice) => choice === value),
  };
}

function yesOrNo(name: string, fallback: boolean, meaning: string): ConfigKey<boolean> {
  return {
    name,
    fallback,
    meaning,
    allowed: 'true, false',
    parse: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

function integer(
  name: string,
  fallback: number,
  range: readonly [number, number],
  meaning: string,
): ConfigKey<number> {
  const [min, max] = range;
  return {
    name,
    fallback,
    meaning,
    allowed: `a whole number from ${min} to ${max}`,
    parse: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined,
  };
}

export type Notify = 'none' | 'bell' | 'osc9' | 'osc777';
export type ThemeChoice = 'auto' | 'dark' | 'light' | 'none';

/** The defaults, the documentation and the printed config are made from this. */
export const configKeys = {
  notify: oneOf<Notify>(
    'notify',
    'bell',
    ['none', 'bell', 'osc9', 'osc777'],
    'What a mention triggers besides marking the window title: nothing, the bell, or a notification in terminals that support OSC 9 or OSC 777',
  ),
  theme: oneOf<ThemeChoice>(
    'theme',
    'auto',
    ['auto', 'dark', 'light', 'none'],
    'Colours for a dark or a light background, none at all, or chosen by what the terminal reports',
  ),
  mouse: yesOrNo(
    'mouse',
    false,
    'Whether the mouse wheel scrolls; selecting text then needs Shift in most terminals',
  ),
  typing: yesOrNo('typing', true, 'Whether others see when you are typing'),
  clipboard: yesOrNo(
    'clipboard',
    false,
    'Whether choosing a link copies it to the clipboard, in terminals that support OSC 52',
  ),
  roomsColumns: integer('rooms-columns', 18, [10, 60], 'Width of the room list'),
  membersColumns: integer('members-columns', 20, [10, 60], 'Width of the member list'),
};

export type ConfigValues = {
  readonly [Key in keyof typeof configKeys]: (typeof configKeys)[Key]['fallback'];
};
