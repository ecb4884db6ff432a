import { type CliTexts, cliTexts, type WordsKey } from '../../texts/cli-texts.ts';
import { filled, type Values } from '../../texts/filled.ts';
import { failureOf, rawCauseOf } from '../exit-codes.ts';

/** One thing that was looked at. `cause` is what a library or the system said, for scripts and reports. */
export interface Check {
  readonly name: keyof CliTexts['checks'];
  /** Of `keys` and `agent`: whose. */
  readonly user?: string;
  /** Of `encryption`: of which room. */
  readonly room?: string;
  readonly ok: boolean;
  readonly message: string;
  readonly cause?: string | undefined;
  readonly connection?: string | undefined;
  /** Of `prekeys`. */
  readonly weeksAhead?: number;
  readonly publishedAt?: string;
  /** Of `encryption`, with names of members. */
  readonly suite?: number;
  readonly exposedBy?: readonly string[];
  readonly withoutPrekeys?: readonly string[];
}

export function found(
  name: Check['name'],
  ok: boolean,
  text: WordsKey<'doctor'>,
  values: Values = {},
): Check {
  return { name, ok, message: filled(cliTexts.doctor[text], values) };
}

/** What went wrong, in the words that a command has for it. */
export function failedCheck(name: Check['name'], error: unknown): Check {
  const failure = failureOf(error);
  const { message, connection } = failure;
  return { name, ok: false, message, cause: rawCauseOf(failure), connection };
}
