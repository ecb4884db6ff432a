import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { featureNames } from '../../../src/protocol/features.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { freePort } from '../../../test/support/services/server-process.ts';
import { systemClock } from './clock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

const [PING_MS, SILENCE_MS] = [100, 300];

function dial(address: string, more: Partial<ConnectionOptions> = {}): Promise<Connection> {
  return Connection.open({
    ...{ origin: parseOrigin(address) ?? expect.unreachable(), webSocket: WebSocket },
    ...{ clock: systemClock, program: 'test', abort: new AbortController().signal },
    onEvent: () => undefined,
    ...more,
  });
}

describe('a connection', () => {
  it('leaves nothing behind on the signal when nobody answers, however often it is tried', async () => {
    const address = `ws://127.0.0.1:${await freePort()}`;
    const { signal } = new AbortController();
    for (let attempt = 0; attempt < 15; attempt += 1)
      await expect(dial(address, { abort: signal })).rejects.toMatchObject({ name: 'ConnectionLost' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('knows the features of the gateway it was greeted by, and of no earlier one', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const known = async (features: readonly string[] | undefined): Promise<readonly string[]> => {
      server.offer(features);
      const connection = await dial(server.url, { webSocket: fixture.webSocket() });
      const found = featureNames.filter((feature) => connection.has(feature));
      await connection.close();
      return found;
    };
    expect(await known(['of-a-later-release', 'header-2'])).toEqual(['header-2']);
    expect(await known([])).toEqual([]);
    expect(await known(undefined)).toEqual([]);
  });

  it('stays open for as long as pings are answered', async () => {
    await using fixture = await pingedFixture();
    let received = 0;
    class CountingSocket extends fixture.webSocket() {
      constructor(address: string, subprotocol: string) {
        super(address, subprotocol);
        this.addEventListener('message', () => {
          received += 1;
        });
      }
    }
    const clock = new ManualClock();
    const connection = await dial(fixture.server.url, { clock, webSocket: CountingSocket });
    for (let pings = 1; clock.now() < 10 * SILENCE_MS; pings += 1) {
      await clock.advance(PING_MS);
      // After the reply to hello.
      await eventually(() => expect(received).toBe(1 + pings));
    }
    expect(connection.lost).toBeUndefined();
  });

  it('asks a server that says nothing any more once, and then takes it for dead', async () => {
    await using fixture = await pingedFixture();
    const { server } = fixture;
    server.intercept = ({ name }) => (name === 'ping' ? 'silence' : undefined);
    const clock = new ManualClock();
    const connection = await dial(server.url, { clock, webSocket: fixture.webSocket() });
    await clock.advance(PING_MS);
    await eventually(() => expect(server.count('ping')).toBe(1));
    await clock.advance(SILENCE_MS);
    expect(await connection.ended).toMatchObject({ errorCode: 'no_connection', cause: 'nothing was heard' });
    await eventually(() => expect(server.connections).toBe(0));
    expect(server.count('ping')).toBe(1);
  });
});

async function pingedFixture(): Promise<LiveFixture> {
  const fixture = await LiveFixture.start();
  fixture.server.reply('hello', (reply) => ({ ...reply, pingMs: PING_MS, silenceMs: SILENCE_MS }));
  return fixture;
}
