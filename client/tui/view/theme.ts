import type { ThemeChoice } from '../config/config-keys.ts';
import type { Style } from './styled-row.ts';

/** As Ink's Text takes it. Colours are the terminal's own sixteen, so its palette decides how they look. */
export interface Look {
  readonly color?: string;
  readonly backgroundColor?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
}

export type ThemeName = 'dark' | 'light' | 'none';

type Looks = Readonly<Record<Exclude<Style, `name-${number}`>, Look>>;

/** Bold, dim and inverse only: what NO_COLOR leaves. */
const withoutColours: Looks = {
  plain: {},
  strong: { bold: true },
  dim: { dimColor: true },
  accent: { bold: true },
  good: {},
  warning: { bold: true },
  error: { bold: true },
  mention: { bold: true, inverse: true },
  selected: { inverse: true },
  code: { inverse: true },
  bar: { inverse: true },
  'bar-strong': { inverse: true, bold: true },
  'bar-good': { inverse: true },
  'bar-warning': { inverse: true, bold: true },
  'bar-error': { inverse: true, bold: true },
};

const dark: Looks = {
  ...withoutColours,
  accent: { color: 'cyan' },
  good: { color: 'green' },
  warning: { color: 'yellow' },
  error: { color: 'red' },
  mention: { color: 'black', backgroundColor: 'yellow' },
  selected: { color: 'black', backgroundColor: 'cyan' },
  code: { color: 'black', backgroundColor: 'white' },
  bar: { color: 'white', backgroundColor: 'blue' },
  'bar-strong': { color: 'whiteBright', backgroundColor: 'blue', bold: true },
  'bar-good': { color: 'greenBright', backgroundColor: 'blue' },
  'bar-warning': { color: 'yellowBright', backgroundColor: 'blue', bold: true },
  'bar-error': { color: 'whiteBright', backgroundColor: 'red', bold: true },
};

const light: Looks = {
  ...dark,
  accent: { color: 'blue' },
  warning: { color: 'magenta' },
  mention: { color: 'white', backgroundColor: 'magenta' },
  selected: { color: 'white', backgroundColor: 'blue' },
  bar: { color: 'black', backgroundColor: 'white' },
  'bar-strong': { color: 'black', backgroundColor: 'white', bold: true },
  'bar-good': { color: 'green', backgroundColor: 'white' },
  'bar-warning': { color: 'magenta', backgroundColor: 'white', bold: true },
};

const nameColours: Readonly<Record<ThemeName, readonly string[]>> = {
  dark: ['cyan', 'green', 'yellow', 'magenta', 'blueBright', 'greenBright', 'cyanBright', 'magentaBright'],
  light: ['blue', 'green', 'magenta', 'cyan', 'red', 'blue', 'magenta', 'green'],
  none: [],
};

export function lookOf(theme: ThemeName, style: Style): Look {
  if (isName(style)) {
    const colours = nameColours[theme];
    const color = colours[Number(style.slice('name-'.length)) % Math.max(1, colours.length)];
    return color === undefined ? {} : { color };
  }
  return (theme === 'none' ? withoutColours : theme === 'dark' ? dark : light)[style];
}

function isName(style: Style): style is `name-${number}` {
  return style.startsWith('name-');
}

/** White or bright backgrounds, by the terminal's palette. */
const LIGHT_BACKGROUNDS: ReadonlySet<string> = new Set(['7', '15']);

/** `NO_COLOR` wins; `auto` is what the terminal says of its background, as `foreground;background`, or dark. */
export function themeOf(
  choice: ThemeChoice,
  environment: Readonly<Record<string, string | undefined>>,
): ThemeName {
  const { NO_COLOR: noColor = '', COLORFGBG: colours = '' } = environment;
  if (noColor !== '') return 'none';
  if (choice !== 'auto') return choice;
  return LIGHT_BACKGROUNDS.has(colours.split(';').at(-1) ?? '') ? 'light' : 'dark';
}
