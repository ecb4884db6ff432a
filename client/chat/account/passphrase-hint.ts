import type { ZxcvbnFactory, ZxcvbnResult } from '@zxcvbn-ts/core';
import { chatTexts } from '../../texts/chat-texts.ts';

const { passphrase: passphraseTexts } = chatTexts;

export interface PassphraseHint {
  readonly strength: 'empty' | 'weak' | 'fair' | 'good' | 'strong';
  /** For the person who chose it. */
  readonly words: string;
}

/** Longer ones are judged by their beginning; what comes after it makes none of them weaker. */
const JUDGED_CHARS_MAX = 100;
/** What someone with the key file and some machines tries, each guess being made slow on purpose. */
const GUESSES_PER_SECOND = 10_000;
const HOUR_SECONDS = 3600;
const YEAR_SECONDS = 365 * 24 * HOUR_SECONDS;
/** By the codes of the library for what makes a passphrase easy. */
const reasons: Readonly<Record<string, string>> = passphraseTexts.reasons;

/**
 * How hard a passphrase is to guess for someone who has the key file. Nothing is refused by it but an empty one, which
 * leaves the keys open and so needs an explicit yes. The word lists are loaded at the first call.
 */
export async function passphraseHint(passphrase: string): Promise<PassphraseHint> {
  if (passphrase === '') return { strength: 'empty', words: passphraseTexts.empty };
  const { guesses, feedback } = await judged(passphrase.slice(0, JUDGED_CHARS_MAX));
  const seconds = guesses / GUESSES_PER_SECOND;
  const why = reasons[feedback.warning ?? ''];
  if (seconds < 24 * HOUR_SECONDS) return { strength: 'weak', words: passphraseTexts.weak(why) };
  if (seconds < YEAR_SECONDS) return { strength: 'fair', words: passphraseTexts.fair(why) };
  if (seconds < 1000 * YEAR_SECONDS) return { strength: 'good', words: passphraseTexts.good };
  return { strength: 'strong', words: passphraseTexts.strong };
}

let factory: Promise<ZxcvbnFactory> | undefined;

async function judged(passphrase: string): Promise<ZxcvbnResult> {
  factory ??= loadFactory().catch((error: unknown) => {
    factory = undefined;
    throw error;
  });
  return (await factory).check(passphrase);
}

async function loadFactory(): Promise<ZxcvbnFactory> {
  const [core, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new core.ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
