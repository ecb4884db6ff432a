import type { UseCases } from '../core/core.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';

/** The epochs of rooms of suite 2. No gateway offers them yet. */
export const epochs = { wraps: refused, epoch: refused, epochs: refused } satisfies Partial<UseCases>;

async function refused(): Promise<Refusal> {
  return refuse('unsupported_version');
}
