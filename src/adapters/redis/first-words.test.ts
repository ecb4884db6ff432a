import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../../../test/support/services/certificate.ts';
import { wrongUrl } from './first-words.ts';

async function portOf(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What is said of a server when the URL has TLS, and when it has not. */
async function said(server: Server): Promise<readonly (string | undefined)[]> {
  const port = await portOf(server);
  const at = { kind: 'standalone', db: 0, host: '127.0.0.1', port } as const;
  return [await wrongUrl({ ...at, tls: true }), await wrongUrl({ ...at, tls: false })];
}

const answering = (answer: string): Server =>
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(answer));
  });

test('a Redis without TLS is told apart, also one that asks for a password', async () => {
  for (const answer of ['+PONG\r\n', '-NOAUTH Authentication required.\r\n'])
    expect(await said(answering(answer))).toEqual([expect.stringContaining('speaks without TLS'), undefined]);
});

test('a server with TLS is told apart', async () => {
  await using certificate = await makeCertificate('localhost');
  const [cert, key] = [readFileSync(certificate.certFile), readFileSync(certificate.keyFile)];
  const server = createTlsServer({ cert, key });
  server.on('tlsClientError', () => undefined);
  expect(await said(server)).toEqual([undefined, expect.stringContaining('with rediss, not redis')]);
});

test('a web server is told apart', async () => {
  const web = expect.stringContaining('names a web server');
  expect(await said(createHttpServer((_, response) => void response.end()))).toEqual([web, web]);
});

test('nothing is said of a server that closes, or says something else', async () => {
  expect(await said(createServer((socket) => void socket.destroy()))).toEqual([undefined, undefined]);
  expect(await said(answering('220 mail.example.org ESMTP\r\n'.repeat(100)))).toEqual([undefined, undefined]);
});

test('nothing is said where nothing listens', async () => {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  expect(
    await wrongUrl({ kind: 'cluster', nodes: [{ host: '127.0.0.1', port }], tls: true }),
  ).toBeUndefined();
});
