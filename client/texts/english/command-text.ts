/** The help of a command: what it does, its arguments and options, and examples that can be typed as they are. */
export interface CommandText {
  readonly does: string;
  readonly arguments?: Readonly<Record<string, string>>;
  /** By the long form. */
  readonly options?: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
}
