import { expect, it } from 'vitest';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { exposedOnTheWay } from './exposed-on-the-way.ts';

const told = (server: string): string | undefined =>
  exposedOnTheWay(parseOrigin(server) ?? expect.unreachable());

it('warns of a server without TLS unless it is this machine', () => {
  expect(told('ws://chat.example.org')).toBe(
    'ws://chat.example.org:80 is without TLS: others on the network path can see who talks with whom and when, but no messages. Use wss:// if the server offers it',
  );
  for (const server of ['wss://chat.example.org', 'ws://127.0.0.1:8080', 'ws://localhost', 'ws://[::1]:80'])
    expect(told(server)).toBeUndefined();
});
