import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startLiveGateway } from '../gateway/live-gateway.ts';
import { freePort } from '../support/services/server-process.ts';

/** The command of the image's health check. */
function checkCommand(): readonly string[] {
  const [, command = ''] =
    /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  const parts: unknown = JSON.parse(command);
  if (!Array.isArray(parts)) return expect.unreachable('the command is a list');
  return parts.map(String);
}

/** Gives the exit code. */
async function check(adminPort: string): Promise<unknown> {
  const [program = '', ...args] = checkCommand();
  const child = spawn(program, args, {
    env: { ...process.env, CONCLAVE_ADMIN_PORT: adminPort },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'close');
  return code;
}

async function answering(status: number): Promise<string> {
  const server: Server = createServer((_, response) => void response.writeHead(status).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return address === null || typeof address === 'string' ? expect.unreachable() : `${address.port}`;
}

test("the image's health check passes on a gateway that is ready", async () => {
  await using gateway = await startLiveGateway();
  expect(await check(new URL(gateway.adminUrl).port)).toBe(0);
});

test("the image's health check fails on one that is not ready, that drains, and where nothing listens", async () => {
  expect(await check(await answering(503))).toBe(1);
  expect(await check(await answering(404))).toBe(1);
  expect(await check(`${await freePort()}`)).toBe(1);
});
