import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import type { Check } from './doctor-check.ts';
import { servicesCheck } from './doctor-services.ts';

/** What is found at an address that answers every request so. */
async function checkAt(status: number, body: string): Promise<Check> {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(status, { Location: '/elsewhere' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const check = await servicesCheck(parseOrigin(`ws://127.0.0.1:${port}`) ?? expect.unreachable());
  expect(asked).toEqual(['/readyz']);
  return check;
}

describe('the check of what a server relies on', () => {
  it.each([
    [200, '{"ready":true}', true, 'its services are ready'],
    [200, '<html>Service ready.</html>', true, 'its services are ready'],
    [404, '{"draining":true}', false, 'shutting down'],
    [404, '<html>no such page</html>', true, 'does not answer /readyz'],
    [302, '', true, 'does not answer /readyz'],
    [403, 'null', true, 'does not answer /readyz'],
    [503, '<html>no server is available</html>', false, 'not ready'],
    [503, '{"missing":"stores"}', false, 'not ready'],
    [503, '{"missing":["what comes later"]}', false, 'not ready'],
    [503, 'x'.repeat(100_000), false, 'not ready'],
  ])('takes status %i with %s for ok: %s', async (status, body, ok, words) => {
    expect(await checkAt(status, body)).toEqual({
      ...{ name: 'services', ok },
      message: expect.stringContaining(words),
    });
  });

  it('names each service that is missing', async () => {
    const { message } = await checkAt(503, '{"missing":["broker","stores","disk"]}');
    expect(message.split('; ')).toEqual([
      expect.stringContaining('gateways'),
      expect.stringContaining('store is down'),
      expect.stringContaining('disk is nearly full'),
    ]);
  });

  it('finds nothing wrong where nobody answers, since the connection is another check', async () => {
    expect(await servicesCheck(parseOrigin('ws://127.0.0.1:1') ?? expect.unreachable())).toMatchObject({
      ok: true,
    });
  });
});
