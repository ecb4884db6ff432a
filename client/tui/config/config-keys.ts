import { tuiTexts } from '../../texts/tui-texts.ts';

/** A value of the config file besides the bindings of keys. */
export interface ConfigKey<T> {
  readonly name: keyof typeof tuiTexts.settings;
  readonly fallback: T;
  /** Completes the sentence "Allowed: …". */
  readonly allowed: string;
  /** Undefined: not allowed. */
  parse(value: unknown): T | undefined;
}

function oneOf<const T extends string>(
  name: ConfigKey<T>['name'],
  fallback: T,
  choices: readonly T[],
): ConfigKey<T> {
  return {
    name,
    fallback,
    allowed: tuiTexts.config.one_of(choices),
    parse: (value) => choices.find((choice) => choice === value),
  };
}

function yesOrNo(name: ConfigKey<boolean>['name'], fallback: boolean): ConfigKey<boolean> {
  return {
    name,
    fallback,
    allowed: tuiTexts.config.true_or_false,
    parse: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

function integer(
  name: ConfigKey<number>['name'],
  fallback: number,
  range: readonly [number, number],
): ConfigKey<number> {
  const [min, max] = range;
  return {
    name,
    fallback,
    allowed: tuiTexts.config.number(min, max),
    parse: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined,
  };
}

/** No person writes a longer command into one line. */
const COMMAND_CHARS_MAX = 1_000;

/** One line for the shell; "": none. */
function shellCommand(name: ConfigKey<string>['name']): ConfigKey<string> {
  return {
    name,
    fallback: '',
    allowed: tuiTexts.config.shell_command(COMMAND_CHARS_MAX),
    parse: (value) =>
      typeof value === 'string' && value.length <= COMMAND_CHARS_MAX && !/\p{Cc}/u.test(value)
        ? value.trim()
        : undefined,
  };
}

export type Notify = 'none' | 'bell' | 'osc9' | 'osc777';
export type ThemeChoice = 'auto' | 'dark' | 'light' | 'none';

/** The defaults, the documentation and the printed config are made from this. */
export const configKeys = {
  notify: oneOf<Notify>('notify', 'bell', ['none', 'bell', 'osc9', 'osc777']),
  notifyCommand: shellCommand('notify-command'),
  theme: oneOf<ThemeChoice>('theme', 'auto', ['auto', 'dark', 'light', 'none']),
  mouse: yesOrNo('mouse', false),
  typing: yesOrNo('typing', true),
  links: yesOrNo('links', true),
  clipboard: yesOrNo('clipboard', false),
  pictureViewer: shellCommand('picture-viewer'),
  roomsColumns: integer('rooms-columns', 18, [10, 60]),
  membersColumns: integer('members-columns', 20, [10, 60]),
};

/** A sentence without its full stop. */
export function meaningOf({ name }: ConfigKey<unknown>): string {
  return tuiTexts.settings[name];
}

export type ConfigValues = {
  readonly [Key in keyof typeof configKeys]: (typeof configKeys)[Key]['fallback'];
};
