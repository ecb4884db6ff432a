import { HELD_UP_MS } from '../sdk/connection/waits.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { texts } from '../texts/texts.ts';
import type { Output } from './output.ts';

/** Says once what is waited for when a server takes longer than a moment; `why` is what it said last, if anything. */
export async function tellIfSlow<T>(
  output: Output,
  work: Promise<T>,
  why: () => string | undefined = () => undefined,
): Promise<T> {
  const timer = setTimeout(() => {
    output.note(filled(cliTexts.said.held_up, { reason: why() ?? texts.heldUp.silent }));
  }, HELD_UP_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
