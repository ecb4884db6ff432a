import { describe, expect, it } from 'vitest';
import { serversMeant } from './server-search.ts';

describe('the address of a server', () => {
  it.each([
    ['wss://chat.example.org', ['wss://chat.example.org:443']],
    ['ws://127.0.0.1:8080', ['ws://127.0.0.1:8080']],
    ['chat.example.org', ['wss://chat.example.org:443', 'ws://chat.example.org:80']],
    [' localhost:8080 ', ['wss://localhost:8080', 'ws://localhost:8080']],
    ['127.0.0.1:8080/', ['wss://127.0.0.1:8080', 'ws://127.0.0.1:8080']],
  ])('is tried over TLS first where it does not say: %j', (typed, meant) => {
    expect(serversMeant(typed)).toEqual(meant);
  });

  it.each([
    ['http://127.0.0.1:8080/', ['wss://127.0.0.1:8080', 'ws://127.0.0.1:8080']],
    ['http://127.0.0.1:8080/#room=Lobby', ['wss://127.0.0.1:8080', 'ws://127.0.0.1:8080']],
    ['HTTPS://Chat.example.org', ['wss://chat.example.org:443']],
  ])('may be the one of its page: %j', (typed, meant) => {
    expect(serversMeant(typed)).toEqual(meant);
  });

  it.each([
    '',
    '   ',
    'ftp://chat.example.org',
    'ws://',
    'http://',
    'two words',
    'https://a:b@chat.example.org',
  ])('is none: %j', (typed) => {
    expect(serversMeant(typed)).toEqual([]);
  });
});
