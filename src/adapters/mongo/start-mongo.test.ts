import { MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { silentTelemetry } from '../../../test/support/ports/silent-telemetry.ts';
import { StartRefused } from '../../ports/backend.ts';
import { untilReady } from './start-mongo.ts';

describe('the start', () => {
  it('tries again after what may pass, and tells why', async () => {
    const told: unknown[] = [];
    const away = new MongoNetworkError('connection refused');
    const failures: Error[] = [away, away];
    const attempt = async (): Promise<void> => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
    };
    const telemetry = silentTelemetry({ warn: (event, error) => void told.push([event, error]) });
    await untilReady(attempt, telemetry, new AbortController().signal);
    expect(told).toEqual([
      ['store_not_ready', away],
      ['store_not_ready', away],
    ]);
  });

  it.each([13, 18, 85, 86, 8000])(
    'does not try again after code %i, which somebody has to mend',
    async (code) => {
      let attempts = 0;
      const cause = new MongoServerError({ message: 'no', code });
      const attempt = async (): Promise<void> => {
        attempts += 1;
        throw cause;
      };
      const refusal = await untilReady(attempt, silentTelemetry(), new AbortController().signal).catch(
        (error: unknown) => error,
      );
      expect(refusal).toBeInstanceOf(StartRefused);
      expect(refusal).toMatchObject({ reason: 'configuration', cause });
      expect(attempts).toBe(1);
    },
  );

  it('ends between two attempts when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('closed');
    const attempt = async (): Promise<void> => {
      throw new MongoNetworkError('connection refused');
    };
    const telemetry = silentTelemetry({ warn: () => stop.abort(reason) });
    await expect(untilReady(attempt, telemetry, stop.signal)).rejects.toThrow();
    expect(stop.signal.aborted).toBe(true);
  });
});
