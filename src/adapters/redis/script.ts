import { createHash } from 'node:crypto';
import { type BackingService, Unavailable } from '../../ports/unavailable.ts';
import type { RedisClient } from './connections.ts';
import type { ErrorWatch } from './error-watch.ts';
import { WriteJoiner } from './write-joiner.ts';

/** A Lua script; one run is one atomic step. All keys of a run carry one hash tag. */
export class Script {
  readonly source: string;
  readonly sha: string;

  constructor(source: string) {
    this.source = source;
    this.sha = createHash('sha1').update(source).digest('hex');
  }
}

export type RunScript = (
  script: Script,
  keys: readonly string[],
  args?: readonly (string | number)[],
) => Promise<unknown>;

/**
 * Runs scripts by their hash, and by their text when Redis does not know them (after a restart or a failover).
 * Runs that begin in one turn share a round trip. Every failure is Unavailable of the given service.
 */
export function scriptRunner(client: RedisClient, errors: ErrorWatch, service: BackingService): RunScript {
  const joiner = new WriteJoiner(client);
  const unavailable = (error: unknown): Unavailable => {
    errors.saw(error);
    return new Unavailable(service, error);
  };
  return async (script, keys, args = []) => {
    try {
      const running = client.evalsha(script.sha, keys.length, ...keys, ...args);
      joiner.join();
      return await running;
    } catch (error) {
      if (!isUnknownScript(error)) throw unavailable(error);
    }
    try {
      return await client.eval(script.source, keys.length, ...keys, ...args);
    } catch (error) {
      throw unavailable(error);
    }
  };
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
