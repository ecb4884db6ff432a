import { doctorTexts } from '../../texts/doctor-texts.ts';
import { filled, type Values } from '../../texts/filled.ts';
import { failureOf, rawCauseOf } from '../exit-codes.ts';

/** One thing that was looked at. `cause` is what a library or the system said, for scripts and reports. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly cause?: string | undefined;
  readonly connection?: string | undefined;
}

export function found(name: string, ok: boolean, text: keyof typeof doctorTexts, values: Values = {}): Check {
  return { name, ok, message: filled(doctorTexts[text], values) };
}

/** What went wrong, in the words that a command has for it. */
export function failedCheck(name: string, error: unknown): Check {
  const failure = failureOf(error);
  const { message, connection } = failure;
  return { name, ok: false, message, cause: rawCauseOf(failure), connection };
}
