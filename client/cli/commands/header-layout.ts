import { features } from '../../../src/protocol/features.ts';
import type { HeaderLayout } from '../../../src/protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_LAST } from '../../../src/protocol/limits.ts';
import { usage } from '../exit-codes.ts';

export function parsedLayout(text: string, what: string): HeaderLayout {
  if (text === '1') return 1;
  if (text === '2') return 2;
  throw usage(`${what} is 1 to ${HEADER_LAYOUT_LAST}`);
}

/** Whom another layout than the first cuts off. */
export function headerWarning(room: string): string {
  return `Members whose client is older than release ${features['header-2'].since} cannot read or write in ${room} from then on.`;
}
