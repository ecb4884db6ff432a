import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { featureNames } from '../../../src/protocol/features.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { FakeServer } from '../../../test/support/sdk/fake-server.ts';
import { freePort } from '../../../test/support/services/server-process.ts';
import { systemClock } from './clock.ts';
import { Connection } from './connection.ts';

describe('a connection', () => {
  it('leaves nothing behind on the signal when nobody answers, however often it is tried', async () => {
    const origin = parseOrigin(`ws://127.0.0.1:${await freePort()}`);
    if (origin === undefined) throw new Error('the test needs an origin');
    const { signal } = new AbortController();
    for (let attempt = 0; attempt < 15; attempt += 1) {
      const dialled = Connection.open({
        ...{ origin, webSocket: WebSocket, clock: systemClock, program: 'test', abort: signal },
        onEvent: () => undefined,
      });
      await expect(dialled).rejects.toMatchObject({ name: 'ConnectionLost' });
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('knows the features of the gateway it was greeted by, and of no earlier one', async () => {
    await using server = await FakeServer.start();
    const known = async (features: readonly string[] | undefined): Promise<readonly string[]> => {
      server.features = features;
      const connection = await Connection.open({
        ...{ origin: parseOrigin(server.url) ?? expect.unreachable(), webSocket: WebSocket },
        ...{ clock: systemClock, program: 'test', abort: new AbortController().signal },
        onEvent: () => undefined,
      });
      const found = featureNames.filter((feature) => connection.has(feature));
      await connection.close();
      return found;
    };
    expect(await known(['of-a-later-release', 'header-2'])).toEqual(['header-2']);
    expect(await known([])).toEqual([]);
    expect(await known(undefined)).toEqual([]);
  });
});
