import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { printMessage } from './tail.ts';

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
  if (!context.settings.cache)
    throw usage('search looks through kept messages: leave out --no-cache and CONCLAVE_CACHE=off');
  const { client } = await context.account();
  const found = await client.search(text, { limit, ...(room === undefined ? {} : { room }) });
  for (const message of found) printMessage(context.output, message, { withRoom: true });
  if (found.length === 0) context.output.note('nothing found in the messages that were read here');
}

function parsedCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)
    throw usage(`--count: ${value} is not a number from 1 to ${COUNT_MAX}`);
  return count;
}
