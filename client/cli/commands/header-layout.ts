import { features } from '../../../src/protocol/features.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';

/** A header layout or a suite: there are two of each. `from` names the option or argument in a failure. */
export function oneOrTwo(text: string, from: string): 1 | 2 {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw usage(filled(cliTexts.usage.bad_layout, { option: from, count: 2 }));
}

/** Whom suite 2 cuts off. */
export function suiteWarning(room: string): string {
  return filled(cliTexts.said.suite_warning, { release: features['suite-2'].since, room });
}

/** Whom another layout than the first cuts off. */
export function headerWarning(room: string): string {
  return filled(cliTexts.said.header_warning, { release: features['header-2'].since, room });
}
