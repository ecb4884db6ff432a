import type { ValueParser } from './value-parser.ts';

/** A default as text, parsed like a given value. Without one the setting may be left out. */
export type Fallback = string | { readonly text: () => string; readonly described: string };

export interface ConfigKey<T> {
  /** Without the prefix. */
  readonly name: string;
  readonly parser: ValueParser<T>;
  readonly fallback?: Fallback;
  /** For keys without a fallback: the value of the setting when nothing is given. */
  readonly absent?: () => T;
  /** For keys without a fallback whose absence is no "not set": what holds then. */
  readonly whenAbsent?: string;
  /** One sentence for `--help` and the documentation. */
  readonly meaning: string;
  /** How the value is shown; given for values that hold a secret. */
  readonly mask?: (value: string) => string;
}
