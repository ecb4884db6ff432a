import { cliTexts } from '../../texts/cli-texts.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { parsedCount } from '../whole-number.ts';
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
  const limit = count === undefined ? COUNT_DEFAULT : parsedCount(count, 1, COUNT_MAX);
  if (!context.settings.cache) throw usage(cliTexts.usage.search_needs_cache);
  const { client } = await context.account();
  const found = await client.search(text, { limit, ...(room === undefined ? {} : { room }) });
  for (const message of found) printMessage(context.output, message, { withRoom: true });
  if (found.length === 0) context.output.note(cliTexts.said.nothing_found);
}
