import { expect, it } from 'vitest';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { connectionFault } from './connecting.ts';

const origin = (text: string): NonNullable<ReturnType<typeof parseOrigin>> =>
  parseOrigin(text) ?? expect.unreachable();

it.each([
  [
    'write EPROTO 805C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl/record.c:354:\n',
    'wss://chat.example.org',
    'this port probably speaks no TLS: try ws://chat.example.org (wrong version number)',
  ],
  [
    'socket hang up',
    'ws://chat.example.org:8443',
    'the server hung up: this port may speak TLS only, then wss://chat.example.org:8443 is right (socket hang up)',
  ],
  [
    'connect ECONNREFUSED 127.0.0.1:8080',
    'ws://127.0.0.1:8080',
    'nothing answers at 127.0.0.1:8080: is the server running? (connect ECONNREFUSED 127.0.0.1:8080)',
  ],
  [
    'getaddrinfo ENOTFOUND x.example',
    'wss://x.example',
    'no such host: x.example (getaddrinfo ENOTFOUND x.example)',
  ],
  ['socket hang up', 'wss://chat.example.org', 'socket hang up'],
])('says what a fault of the connection comes to: %s', (reason, server, words) => {
  expect(connectionFault(reason, origin(server))).toBe(words);
});
