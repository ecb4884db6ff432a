import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BAN_MS_MIN, REFUSALS_TOLD } from '../../src/gateway/admission.ts';
import { CONTROL_FRAMES } from '../../src/gateway/session.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { type RawClient, rawMessage } from '../support/raw-client.ts';
import { upgradeRequest } from '../support/raw-http.ts';
import { makeCertificate } from '../support/services/certificate.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

let gateway: LiveGateway | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

/** A gateway for which no time goes by: what was spent stays spent, and a ban lasts, however slow this machine is. */
async function timeless(env: Readonly<Record<string, string>>): Promise<LiveGateway> {
  const started = await startLiveGateway(env);
  // A whole number, so that sums of times are exact.
  vi.spyOn(performance, 'now').mockReturnValue(Math.ceil(performance.now()));
  return started;
}

describe('admission', () => {
  it('takes at most so many connections, and tells the others to come back', async () => {
    gateway = await startLiveGateway({ MAX_CONNECTIONS: '2' });
    const first = await gateway.greeted();
    await gateway.greeted();
    const third = await gateway.connect();
    expect(await third.closed).toEqual({ code: 3004, reason: 'over_capacity' });
    first.socket.close(1000);
    await first.closed;
    await eventually(async () => expect((await gateway?.greeted())?.binding).toBeDefined());
  });

  it('takes new connections from one address only so fast', async () => {
    gateway = await startLiveGateway({ RATE_CONNECTIONS_ADDRESS: '1/h:2' });
    await gateway.greeted();
    await gateway.greeted();
    expect((await (await gateway.connect()).closed).code).toBe(3004);
    expect(await gateway.metric('conclave_connections_rejected_total{reason="address_rate"}')).toBe(1);
  });

  it('tells an address by a close code that it is too fast, drops it on accept once it was told often, and answers probes from others', async () => {
    gateway = await timeless({ RATE_CONNECTIONS_ADDRESS: '1/h:1' });
    await gateway.greeted();
    const codes: number[] = [];
    for (let i = 0; i < 2 * REFUSALS_TOLD.burst; i += 1)
      codes.push((await (await gateway.connect()).closed).code);
    const [told, dropped] = [3004, 1006].map((code) => Array<number>(REFUSALS_TOLD.burst).fill(code));
    expect(codes).toEqual([...(told ?? []), ...(dropped ?? [])]);
    const rejected = 'conclave_connections_rejected_total{reason="address_rate"}';
    expect(await gateway.metric(rejected)).toBe(codes.length);
    const probe = get(`${gateway.url.replace('ws:', 'http:')}/livez`, { localAddress: '127.0.0.2' });
    const answer = await new Promise<IncomingMessage>((resolve) => probe.once('response', resolve));
    answer.resume();
    expect(answer.statusCode).toBe(200);
  });

  it('makes an address pay for TLS handshakes that end in nothing, and for requests that are no upgrade', async () => {
    await using certificate = await makeCertificate('localhost');
    const { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE } = certificate;
    gateway = await startLiveGateway({ TLS_CERT_FILE, TLS_KEY_FILE, RATE_CONNECTIONS_ADDRESS: '1/h:2' });
    const { hostname: host, port } = new URL(gateway.url);
    const tls = async (localAddress: string): Promise<TLSSocket> => {
      const socket = connectTls({
        socket: connect({ host, port: Number(port), localAddress }),
        rejectUnauthorized: false,
      });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      return socket;
    };
    const waste: readonly (readonly [address: string, act: (socket: TLSSocket) => unknown])[] = [
      ['127.0.0.2', (socket) => socket.end()],
      ['127.0.0.3', (socket) => socket.resume().write('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      ['127.0.0.4', (socket) => socket.resume().write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ];
    const metric = async (name: string): Promise<number | undefined> => gateway?.metric(`conclave_${name}`);
    for (const [index, [address, act]] of waste.entries()) {
      for (let i = 0; i < 2; i += 1) {
        const socket = await tls(address);
        act(socket);
        await once(socket, 'close');
      }
      await eventually(async () => expect(await metric('pending_connections')).toBe(0));
      const refused = await tls(address);
      refused.resume().write(upgradeRequest([]));
      await once(refused, 'close');
      expect(await metric('connections_rejected_total{reason="address_rate"}')).toBe(index + 1);
    }
  });

  it('makes an address pay for a connection that was closed for abuse', async () => {
    gateway = await timeless({ RATE_CONNECTIONS_ADDRESS: '1/h:51', RATE_REQUESTS_SESSION: '1/s:3' });
    const client = await gateway.greeted();
    for (let i = 0; i < 1_100; i += 1) void client.request('ping', {});
    expect((await client.closed).code).toBe(3504);
    expect((await (await gateway.connect()).closed).code).toBe(3004);
    expect(await gateway.metric('conclave_connections_rejected_total{reason="address_rate"}')).toBe(1);
  });

  it('believes addresses told by trusted proxies only', async () => {
    const limits = { RATE_CONNECTIONS_ADDRESS: '1/h:1' };
    const told = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    gateway = await startLiveGateway({ ...limits, TRUSTED_PROXIES: '127.0.0.1' });
    expect((await gateway.greeted(told('203.0.113.1'))).binding).toBeDefined();
    expect((await gateway.greeted(told('203.0.113.2'))).binding).toBeDefined();
    expect((await (await gateway.connect(told('203.0.113.2'))).closed).code).toBe(3004);
    await gateway[Symbol.asyncDispose]();
    gateway = await startLiveGateway(limits);
    await gateway.greeted(told('203.0.113.1'));
    expect((await (await gateway.connect(told('203.0.113.2'))).closed).code).toBe(3004);
  });

  it('lets pages of allowed origins connect, and no others', async () => {
    gateway = await startLiveGateway({ ALLOWED_ORIGINS: 'https://chat.example' });
    const page = (origin: string) => ({ headers: { Origin: origin } });
    expect((await gateway.greeted(page('https://chat.example'))).binding).toBeDefined();
    expect((await (await gateway.connect(page('https://evil.example'))).closed).code).toBe(1006);
    expect(await gateway.metric('conclave_connections_rejected_total{reason="origin"}')).toBe(1);
  });

  it('speaks one subprotocol', async () => {
    gateway = await startLiveGateway();
    const client = await gateway.connect({ subprotocols: ['conclave.v9'] });
    expect(await client.closed).toEqual({ code: 3505, reason: 'unsupported_version' });
  });

  it('gives so much time to log in', async () => {
    gateway = await startLiveGateway({ LOGIN_SECONDS: '1' });
    const client = await gateway.greeted();
    expect(await client.closed).toEqual({ code: 3005, reason: 'login_timeout' });
  });
});

describe('a user who comes back', () => {
  const refusals = (client: RawClient, requests: number) =>
    Promise.all(Array.from({ length: requests }, () => client.request('ping', {}))).then(
      (replies) => replies.filter((reply) => reply?.error === 'rate_limited').length,
    );

  it('has what the session before left, while another device and other users have all of theirs', async () => {
    gateway = await startLiveGateway({ RATE_REQUESTS_SESSION: '1/h:10' });
    const keys = await newKeys();
    const session = await gateway.greeted();
    const account = await session.register('spender', keys);
    expect((await session.login(account))?.ok).toBeDefined();
    const device = await gateway.greeted();
    expect((await device.login(account))?.ok).toBeDefined();
    expect(await refusals(session, 20)).toBeGreaterThan(12);
    session.socket.close(1000);
    await session.closed;
    const again = await gateway.greeted();
    expect((await again.login(account))?.ok).toBeDefined();
    expect(await refusals(again, 5)).toBe(5);
    expect(await refusals(device, 5)).toBe(0);
    const other = await gateway.greeted();
    expect((await other.login(await other.register('neighbour', keys)))?.ok).toBeDefined();
    expect(await refusals(other, 5)).toBe(0);
  });

  it('waits for a while after a session was closed for abuse, and nobody else does', async () => {
    gateway = await timeless({ RATE_REQUESTS_SESSION: '1/s:5' });
    const keys = await newKeys();
    const hostile = await gateway.greeted();
    const account = await hostile.register('hostile', keys);
    const { token } = (await hostile.login(account))?.ok ?? expect.unreachable('no login');
    const device = await gateway.greeted();
    expect((await device.login(account))?.ok).toBeDefined();
    for (let i = 0; i < 1_100; i += 1) void hostile.request('ping', {});
    expect((await hostile.closed).code).toBe(3504);
    for (const enter of ['login', 'resume'] as const) {
      const back = await gateway.greeted();
      const reply = await (enter === 'login' ? back.login(account) : back.resume(account, token));
      expect(reply?.error).toBe('rate_limited');
      expect(reply?.retryAfterMs).toBeGreaterThan(0);
      expect(reply?.retryAfterMs).toBeLessThanOrEqual(BAN_MS_MIN);
    }
    expect(await gateway.metric('conclave_rate_limited_total{limit="abuse_user"}')).toBe(2);
    await device.ask('ping', {});
    const other = await gateway.greeted();
    expect((await other.login(await other.register('honest', keys)))?.ok).toBeDefined();
  });

  it('costs the address more than a connection when the ban is not over', async () => {
    gateway = await timeless({
      RATE_CONNECTIONS_ADDRESS: '1/h:62',
      RATE_REQUESTS_SESSION: '1/s:5',
    });
    const hostile = await gateway.greeted();
    const account = await hostile.register('hostile', await newKeys());
    expect((await hostile.login(account))?.ok).toBeDefined();
    for (let i = 0; i < 1_100; i += 1) void hostile.request('ping', {});
    expect((await hostile.closed).code).toBe(3504);
    const back = await gateway.greeted();
    expect((await back.login(account))?.error).toBe('rate_limited');
    expect((await (await gateway.connect()).closed).code).toBe(3004);
  });

  it('is not banned by anybody who only knows the name', async () => {
    gateway = await timeless({ RATE_REQUESTS_SESSION: '1/s:5' });
    const [owner, stranger] = [await gateway.greeted(), await gateway.greeted()];
    const account = await owner.register('victim', await newKeys());
    for (let i = 0; i < 1_100; i += 1) void stranger.request('login', { username: account.name });
    expect((await stranger.closed).code).toBe(3504);
    expect((await owner.login(account))?.ok).toBeDefined();
  });
});

describe('a session', () => {
  it('that asks too much is told when to ask again, and closed when it never listens', async () => {
    gateway = await timeless({ RATE_REQUESTS_SESSION: '1/s:3' });
    const client = await gateway.greeted();
    await client.ask('ping', {});
    await client.ask('ping', {});
    const refused = await client.request('ping', {});
    expect(refused).toMatchObject({ error: 'rate_limited' });
    expect(refused?.retryAfterMs).toBeGreaterThan(0);
    for (let i = 0; i < 1_100; i += 1) void client.request('ping', {});
    expect(await client.closed).toEqual({ code: 3504, reason: 'abuse' });
  });

  it('that floods the gateway with pings is closed, and one that sends as many as it may is not', async () => {
    gateway = await startLiveGateway();
    const [hostile, eager] = [await gateway.greeted(), await gateway.greeted()];
    for (let i = 0; i < CONTROL_FRAMES.most - 1; i += 1) eager.socket.ping();
    // Twice as many: the gateway may begin to count again meanwhile.
    for (let i = 0; i <= 2 * CONTROL_FRAMES.most; i += 1) hostile.socket.ping();
    expect(await hostile.closed).toEqual({ code: 3504, reason: 'abuse' });
    await eager.ask('ping', {});
  });

  it('that leaves pings unanswered is dead', async () => {
    gateway = await startLiveGateway({ PING_SECONDS: '1', SILENCE_SECONDS: '2' });
    const [mute, polite] = [await gateway.greeted({ answersPings: false }), await gateway.greeted()];
    expect(await mute.closed).toEqual({ code: 3003, reason: 'lost_heartbeat' });
    await polite.ask('ping', {});
  });

  it.each([
    ['frame by frame', false],
    ['in batches', true],
  ])(
    'that does not read is closed when too much waits for it %s, and the others are served',
    async (_, batches) => {
      gateway = await startLiveGateway({ OUTBOX_BYTES: '65536' });
      const keys = await newKeys();
      const [talker, sleeper] = [await gateway.greeted(), await gateway.greeted()];
      const account = await talker.register('talker', keys);
      await talker.login(account);
      const sleeping = await sleeper.register('sleeper', keys);
      await sleeper.login(sleeping);
      const name = parseRoomName('bedroom');
      if (name === undefined) throw new Error('no room name');
      const { info } = await talker.ask('create', { name, hidden: false, retention: 0 });
      const { room } = info;
      const { version } = (await sleeper.ask('join', { name })).info;
      await talker.ask('enter', { rooms: [room] });
      await sleeper.ask('enter', { rooms: [room], batches });
      sleeper.socket.pause();
      const before = talker.eventsOf('deliver').length;
      let sent = 0;
      while ((await gateway.metric('conclave_slow_consumers_total')) === 0 && sent < 2_000) {
        const sends = Array.from({ length: 20 }, () =>
          talker.ask('send', rawMessage({ room, version, account, members: 2, ciphertextBytes: 20_000 })),
        );
        await Promise.all(sends);
        sent += 20;
      }
      expect(await gateway.metric('conclave_slow_consumers_total')).toBe(1);
      await talker.event('deliver', before + sent);
      expect(await gateway.metric('conclave_outbox_bytes')).toBe(0);
      sleeper.socket.resume();
      expect(await sleeper.closed).toEqual({ code: 3002, reason: 'slow_consumer' });
    },
  );
});
