import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { wholeNumber } from '../whole-number.ts';
import { printMessage } from './room-lines.ts';

export interface SearchOptions {
  readonly room?: string;
  readonly count?: string;
}

const COUNT_DEFAULT = 20;
const COUNT_MAX = 1_000;

/** Prints messages with this text among those that were opened before, the newest first. No connection is made. */
export async function searchMessages(
  context: CommandContext,
  text: string,
  { room, count }: SearchOptions,
): Promise<void> {
  const limit = count === undefined ? COUNT_DEFAULT : parsedCount(count);
  if (!context.settings.cache) throw usage(cliTexts.usage.search_needs_cache);
  const { client } = await context.account();
  const found = await client.search(text, { limit, ...(room === undefined ? {} : { room }) });
  for (const message of found) printMessage(context.output, message, { withRoom: true });
  if (found.length === 0) context.output.note(cliTexts.said.nothing_found);
}

function parsedCount(value: string): number {
  const count = wholeNumber(value, 1, COUNT_MAX);
  if (count === undefined)
    throw usage(filled(cliTexts.usage.bad_count, { given: value, from: 1, count: COUNT_MAX }));
  return count;
}
