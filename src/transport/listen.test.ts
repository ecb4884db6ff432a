import { createServer, type Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { requireFree } from './listen.ts';

async function portOf(host: string): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '0.0.0.0'],
  ['127.0.0.1', '::'],
  ['0.0.0.0', '127.0.0.1'],
  ['0.0.0.0', '::'],
])('a port on which somebody listens at %s is not free at %s', async (there, wanted) => {
  const port = await portOf(there);
  await expect(requireFree(wanted, port)).rejects.toThrow(`cannot listen at ${wanted}:${port}`);
});

it('a port is free at an address at which nobody listens, whatever listens at others', async () => {
  const port = await portOf('127.0.0.2');
  await expect(requireFree('127.0.0.1', port)).resolves.toBeUndefined();
});
