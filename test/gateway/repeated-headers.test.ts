import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { rawHttp, upgradeRequest } from '../support/raw-http.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

let gateway: LiveGateway | undefined;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

/** What comes back first: the head of the answer, and the frame that a refusal sends right behind it. */
async function firstAnswer(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return String(bytes);
}

describe('a header that comes in several lines', () => {
  it('X-Forwarded-For is read whole, so that a client cannot choose its address in front of a proxy', async () => {
    gateway = await startLiveGateway({ TRUSTED_PROXIES: '127.0.0.1', RATE_CONNECTIONS_ADDRESS: '1/h:1' });
    const dial = (forged: string) =>
      firstAnswer(
        gateway?.url ?? '',
        upgradeRequest([`X-Forwarded-For: ${forged}`, 'X-Forwarded-For: 198.51.100.7']),
      );
    for (const forged of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) await dial(forged);
    expect(await gateway.metric('conclave_connections_rejected_total{reason="address_rate"}')).toBe(2);
  });

  it('a second Origin does not ride on an allowed one', async () => {
    gateway = await startLiveGateway({ ALLOWED_ORIGINS: 'https://chat.example' });
    const both = ['Origin: https://chat.example', 'Origin: https://evil.example'];
    expect(await firstAnswer(gateway.url, upgradeRequest(both))).toMatch(/^HTTP\/1\.1 403/);
    expect(await firstAnswer(gateway.url, upgradeRequest(both.slice(0, 1)))).toMatch(/^HTTP\/1\.1 101/);
  });

  it('subprotocols may be offered line by line', async () => {
    gateway = await startLiveGateway();
    const lines = ['Sec-WebSocket-Protocol: other.v9', 'Sec-WebSocket-Protocol: conclave.v1'];
    expect(await firstAnswer(gateway.url, upgradeRequest(lines))).toMatch(
      /Sec-WebSocket-Protocol: conclave\.v1/i,
    );
  });

  it('a second Host, Origin or Authorization at the admin port closes the door', async () => {
    gateway = await startLiveGateway();
    const ask = (...lines: string[]) =>
      rawHttp(
        gateway?.adminUrl ?? '',
        `${['GET /admin/nodes HTTP/1.1', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`,
      );
    expect(await ask('Host: localhost', 'Host: evil.example')).toMatch(/^HTTP\/1\.1 403/);
    expect(await ask('Host: localhost', 'Origin:', 'Origin: https://evil.example')).toMatch(
      /^HTTP\/1\.1 403/,
    );
    await gateway[Symbol.asyncDispose]();
    const token = 'a-token-that-nobody-guesses';
    gateway = await startLiveGateway({ ADMIN_TOKEN: token });
    const wrongThenRight = ['Authorization: Bearer wrong', `Authorization: Bearer ${token}`];
    expect(await ask('Host: localhost', ...wrongThenRight)).toMatch(/^HTTP\/1\.1 401/);
    expect(await ask('Host: localhost', ...wrongThenRight.reverse())).toMatch(/^HTTP\/1\.1 401/);
  });
});
