import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

/** Sends a request as it is; resolves with everything that came back until the server closed, or the head of an answer to HEAD. */
async function raw(url: string, request: string): Promise<{ readonly head: string; readonly body: string }> {
  const { hostname, port } = new URL(url.replace('ws:', 'http:'));
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    // Nothing may follow: clients hang up here, and what comes until the socket has ended is kept.
    if (request.startsWith('HEAD') && text.includes('\r\n\r\n')) socket.end();
  });
  socket.write(request);
  await once(socket, 'close');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { head, body };
}

const closing = 'Host: x\r\nConnection: close\r\n\r\n';

/** What a load balancer's check sees on both ports. */
async function expectOnBothPorts(
  { url, adminUrl }: LiveGateway,
  path: string,
  status: number,
  body: string,
): Promise<void> {
  for (const port of [url, adminUrl]) {
    const get = await raw(port, `GET ${path} HTTP/1.1\r\n${closing}`);
    const head = await raw(port, `HEAD ${path} HTTP/1.1\r\n${closing}`);
    for (const answer of [get, head]) {
      expect(answer.head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer.head).toMatch(new RegExp(`^content-length: ${body.length}$`, 'im'));
    }
    expect([get.body, head.body]).toEqual([body, '']);
  }
}

describe('the health routes', () => {
  it('answer HEAD as GET, without a body, on both ports, ready and draining', async () => {
    await using gateway = await startLiveGateway({ DRAIN_WAIT_SECONDS: '600' });
    await expectOnBothPorts(gateway, '/livez', 200, '{"alive":true}\n');
    await expectOnBothPorts(gateway, '/readyz', 200, '{"ready":true}\n');
    await expectOnBothPorts(
      gateway,
      '/nothing',
      404,
      '{"error":"not_found","message":"there is nothing here"}\n',
    );
    await gateway.greeted();
    void gateway.app.drain();
    await expectOnBothPorts(gateway, '/readyz', 404, '{"draining":true}\n');
    await expectOnBothPorts(gateway, '/livez', 200, '{"alive":true}\n');
  });

  it('answer HTTP/1.0 and requests without a Host header on the admin port', async () => {
    await using gateway = await startLiveGateway();
    for (const request of ['GET /livez HTTP/1.0\r\n\r\n', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'])
      expect(await raw(gateway.adminUrl, request)).toEqual({
        head: expect.stringMatching(/^HTTP\/1.1 200 /),
        body: '{"alive":true}\n',
      });
    expect((await raw(gateway.adminUrl, 'HEAD /livez HTTP/1.0\r\n\r\n')).body).toBe('');
  });
});
