/** Parsers of what our scripts answer. Another shape is a bug in a script. */

export function replyList(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw new TypeError('a script should have answered a list');
}

export function replyNumber(reply: unknown): number {
  const value = typeof reply === 'string' ? Number(reply) : reply;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError('a script should have answered a number');
}

export function replyText(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  throw new TypeError('a script should have answered a text');
}

/** Consecutive groups of `size`, the last one may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size));
  return groups;
}
