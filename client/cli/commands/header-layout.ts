import { features } from '../../../src/protocol/features.ts';
import type { HeaderLayout } from '../../../src/protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_LAST, SUITE_LAST } from '../../../src/protocol/limits.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';

export function parsedLayout(text: string, what: string): HeaderLayout {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw usage(filled(cliTexts.usage.bad_layout, { option: what, count: HEADER_LAYOUT_LAST }));
}

export function parsedSuite(text: string, what: string): 1 | 2 {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw usage(filled(cliTexts.usage.bad_layout, { option: what, count: SUITE_LAST }));
}

/** Whom suite 2 cuts off. */
export function suiteWarning(room: string): string {
  return filled(cliTexts.said.suite_warning, { release: features['suite-2'].since, room });
}

/** Whom another layout than the first cuts off. */
export function headerWarning(room: string): string {
  return filled(cliTexts.said.header_warning, { release: features['header-2'].since, room });
}
