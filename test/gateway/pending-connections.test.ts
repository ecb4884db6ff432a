import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { upgradeRequest } from '../support/raw-http.ts';
import { makeCertificate } from '../support/services/certificate.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(env: Readonly<Record<string, string>>): Promise<LiveGateway> {
  const gateway = await startLiveGateway(env);
  cleanups.push(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

/** A connection that the system has made; nothing is sent on it. */
async function tcp({ url }: LiveGateway, localAddress = '127.0.0.1'): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, localAddress });
  cleanups.push(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function pending(gateway: LiveGateway, count: number): Promise<void> {
  return eventually(async () => expect(await gateway.metric('conclave_pending_connections')).toBe(count));
}

const rejected = (gateway: LiveGateway, reason: string): Promise<number> =>
  gateway.metric(`conclave_connections_rejected_total{reason="${reason}"}`);

describe('connections that are not logged in', () => {
  it('are limited on a node from the moment they are accepted, and those that are logged in do not count', async () => {
    const gateway = await start({ MAX_PENDING_CONNECTIONS: '3' });
    const member = await gateway.greeted();
    await member.login(await member.register('member', await newKeys()));
    await pending(gateway, 0);
    const silent = [await tcp(gateway), await tcp(gateway)];
    await gateway.greeted();
    await pending(gateway, 3);
    await once(await tcp(gateway), 'close');
    expect(await rejected(gateway, 'pending')).toBe(1);
    await member.ask('ping', {});
    silent[0]?.destroy();
    await pending(gateway, 2);
    expect((await gateway.greeted()).binding).toBeDefined();
  });

  it('are limited for each address, which trusted proxies tell', async () => {
    const gateway = await start({ MAX_PENDING_CONNECTIONS_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.1' });
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    for (let i = 0; i < 2; i += 1) await gateway.greeted(from('203.0.113.1'));
    expect((await (await gateway.connect(from('203.0.113.1'))).closed).code).toBe(3004);
    expect(await rejected(gateway, 'address_pending')).toBe(1);
    expect((await gateway.greeted(from('203.0.113.2'))).binding).toBeDefined();
    for (let i = 0; i < 4; i += 1) await tcp(gateway);
    await pending(gateway, 7);
  });
});

type Ending = (gateway: LiveGateway, dial: () => Promise<Socket>) => Promise<unknown>;

/** Sends this and waits for the end. */
const said =
  (text: string): Ending =>
  async (_gateway, dial) => {
    const socket = await dial();
    socket.on('data', () => undefined);
    socket.write(text);
    await once(socket, 'close');
  };

/** Sends this and hangs up. */
const dropped =
  (text: string): Ending =>
  async (_gateway, dial) => {
    const socket = await dial();
    socket.write(text);
    socket.destroy();
    await once(socket, 'close');
  };

const upgradedAnd = (end: (socket: Socket) => void): Ending => {
  return async (_gateway, dial) => {
    const socket = await dial();
    socket.write(upgradeRequest([]));
    await once(socket, 'data');
    end(socket);
    await once(socket, 'close');
  };
};

const endings: readonly (readonly [string, Ending])[] = [
  ['silence and a hang-up', dropped('\n')],
  ['half a request', dropped('GET /v1 HTTP/1.1\r\nHost: lo')],
  // The WebSocket server waits for more of it.
  ['a request without a header', dropped('GET /livez HTTP/1.1\r\n\r\n')],
  ['a probe', said('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['two probes in one write', said('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2))],
  ['a path that is not there', said('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a body', said('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody')],
  ['half a body', said('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nbody')],
  ['no HTTP', said('\0\0\0\0\r\n\r\n')],
  ['a head that is too long', said(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(40_000)}`)],
  ['a refused origin', said(upgradeRequest(['Origin: https://evil.example']))],
  ['a subprotocol that is not spoken', upgradedAnd((socket) => void socket.end())],
  ['a WebSocket that is dropped', upgradedAnd((socket) => void socket.destroy())],
  [
    'a WebSocket that sends no request',
    upgradedAnd((socket) => void socket.write(Buffer.from([0x82, 0x80, 0, 0, 0, 0]))),
  ],
];

describe.each(['TCP', 'TLS'])('a connection by %s gives its place back after', (way) => {
  it.each(endings)('%s', async (_name, ending) => {
    const certificate = way === 'TLS' ? await makeCertificate('localhost') : undefined;
    const gateway = await start({
      MAX_PENDING_CONNECTIONS_ADDRESS: '1',
      ...(certificate !== undefined && {
        TLS_CERT_FILE: certificate.certFile,
        TLS_KEY_FILE: certificate.keyFile,
      }),
    });
    const dial = async (): Promise<Socket> => {
      if (certificate === undefined) return tcp(gateway);
      const { hostname: host, port } = new URL(gateway.url);
      const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
      cleanups.push(() => void socket.destroy());
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      return socket;
    };
    // While any is there, nothing is put right that was miscounted.
    await tcp(gateway, '127.0.0.2');
    for (let i = 0; i < 2; i += 1) {
      await ending(gateway, dial);
      await pending(gateway, 1);
    }
    // One place, no more and no less.
    const [first, second] = [await tcp(gateway), await tcp(gateway)];
    await once(second, 'close');
    expect(first.destroyed).toBe(false);
    expect(await rejected(gateway, 'address_pending')).toBe(1);
    await pending(gateway, 2);
    await certificate?.[Symbol.asyncDispose]();
  });
});
