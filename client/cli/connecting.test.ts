import { expect, it } from 'vitest';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { exposedOnTheWay } from './connecting.ts';

const origin = (text: string): NonNullable<ReturnType<typeof parseOrigin>> =>
  parseOrigin(text) ?? expect.unreachable();

it('warns of a server without TLS unless it is this machine', () => {
  expect(exposedOnTheWay(origin('ws://chat.example.org'))).toContain(
    'ws://chat.example.org:80 is without TLS',
  );
  for (const server of ['wss://chat.example.org', 'ws://127.0.0.1:8080', 'ws://localhost', 'ws://[::1]:80'])
    expect(exposedOnTheWay(origin(server))).toBeUndefined();
});
