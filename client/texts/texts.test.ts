import { describe, expect, it } from 'vitest';
import { adminErrors } from '../../src/protocol/admin-actions.ts';
import { closeCodes, errorCodes } from '../../src/protocol/codes.ts';
import { features } from '../../src/protocol/features.ts';
import { requests } from '../../src/protocol/requests.ts';
import { openingFailures } from '../crypto/opening-failures.ts';
import { asSentence } from './as-sentence.ts';
import { chatTexts } from './chat-texts.ts';
import { cliTexts } from './cli-texts.ts';
import { connectionFaultOf, connectionText } from './connection-fault.ts';
import { filled } from './filled.ts';
import { german } from './german/catalogue.ts';
import { texts } from './texts.ts';
import { tuiTexts } from './tui-texts.ts';

/** What failures and findings are told with: one line each. */
const areas = [
  'usage',
  'doctor',
  'sending',
  'admin',
  'adminRefusals',
  'refusals',
  'requestRefusals',
  'features',
  'closes',
  'connection',
  'openings',
  'local',
] as const;
const all = areas.flatMap((area) =>
  Object.entries({ ...texts, ...cliTexts }[area]).flatMap(([key, text]) =>
    typeof text === 'string' && key !== 'ok' ? [[`${area}.${key}`, text] as const] : [],
  ),
);

describe('the texts of errors', () => {
  it('cover every code of the protocol and every feature', () => {
    expect(Object.keys(texts.refusals).toSorted()).toEqual(Object.keys(errorCodes).toSorted());
    expect(Object.keys(texts.closes).toSorted()).toEqual(Object.keys(closeCodes).toSorted());
    expect(Object.keys(cliTexts.adminRefusals).toSorted()).toEqual(Object.keys(adminErrors).toSorted());
    expect(Object.keys(texts.openings).toSorted()).toEqual(Object.keys(openingFailures).toSorted());
    expect(Object.keys(texts.features).toSorted()).toEqual(Object.keys(features).toSorted());
  });

  it('are, for one request, about a request and a code that exist', () => {
    for (const key of Object.keys(texts.requestRefusals)) {
      const [request = '', code = ''] = key.split('.');
      expect([key, request in requests, code in errorCodes]).toEqual([key, true, true]);
    }
  });

  it.each(all)('hold no word of a system, a library or the protocol: %s', (_key, text) => {
    expect(text).not.toMatch(
      /\bE[A-Z]{3,}\b|errno|syscall|OpenSSL|SSL routines|LMDB|libuv|undefined|:\/\/\.\./,
    );
    const meanings = [...Object.values(errorCodes), ...Object.values(closeCodes)].map(
      ({ meaning }) => meaning,
    );
    expect(meanings.filter((meaning) => meaning === text)).toEqual([]);
    expect(text).toMatch(/^[^\n]{2,320}$/);
    expect(text).not.toMatch(/[.;:]$/);
  });
});

describe('a filled text', () => {
  it('takes values by name, and words where there is none', () => {
    expect(filled('{room:this room} is full', { room: 'Lobby' })).toBe('Lobby is full');
    expect(filled('{room:this room} is full', { room: undefined })).toBe('this room is full');
    expect(filled('{a}{a} {b}', { a: '{b}', b: 1 })).toBe('{b}{b} 1');
  });

  it('shows what was given also where that is nothing, or blank', () => {
    const said = '{given} is not one of {wanted}';
    expect(filled(said, { given: '', wanted: 'a, b' })).toBe('"" is not one of a, b');
    expect(filled(said, { given: ' ', wanted: 'a, b' })).toBe('" " is not one of a, b');
    expect(filled(said, { given: 'c', wanted: 'a, b' })).toBe('c is not one of a, b');
  });

  it('writes a number as its language does where the text asks for that', () => {
    expect(filled('{size,number} bytes of {process}', { size: 16_384, process: 12_345 })).toBe(
      '16,384 bytes of 12345',
    );
    expect(cliTexts.said.stores({ room: 'Lobby', hours: 36 })).toBe('Lobby stores messages for 36 hours');
    expect(cliTexts.said.stores({ room: 'Lobby', hours: 24 })).toBe('Lobby stores messages for 1 day');
    expect(cliTexts.said.stores({ room: 'Lobby', hours: 24 * 3_650 })).toBe(
      'Lobby stores messages for 3,650 days',
    );
  });
});

describe('what a system says of a connection', () => {
  const tls =
    'write EPROTO 805C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl/record.c:354:\n';
  it.each([
    [tls, 'wss://chat.example.org', 'plain_not_tls'],
    ['socket hang up', 'ws://chat.example.org:8443', 'tls_not_plain'],
    ['Parse Error: Expected HTTP/', 'ws://chat.example.org:8443', 'tls_not_plain'],
    ['socket hang up', 'wss://chat.example.org', 'hung_up'],
    ['connect ECONNREFUSED 127.0.0.1:8080', 'ws://127.0.0.1:8080', 'nothing_listens'],
    ['getaddrinfo ENOTFOUND x.example', 'wss://x.example', 'no_such_host'],
    ['getaddrinfo EAI_AGAIN x.example', 'wss://x.example', 'name_not_resolved'],
    ['connect ENETUNREACH 192.0.2.1:80', 'ws://192.0.2.1:80', 'unreachable'],
    ['connect ETIMEDOUT 192.0.2.1:80', 'ws://192.0.2.1:80', 'no_answer'],
    ['Opening handshake has timed out', 'ws://192.0.2.1:80', 'no_answer'],
    ['Unexpected server response: 404', 'ws://x.example', 'not_conclave'],
    ['Unexpected server response: 200', 'wss://x.example', 'not_conclave'],
    ['Unexpected server response: 403', 'wss://x.example', 'forbidden'],
    ['Unexpected server response: 429', 'wss://x.example', 'too_often'],
    ['Unexpected server response: 400', 'wss://x.example', 'no_websocket'],
    ['Unexpected server response: 503', 'wss://x.example', 'no_gateway'],
    ['Invalid Sec-WebSocket-Accept header', 'wss://x.example', 'no_websocket'],
    ['Server sent no subprotocol', 'ws://x.example', 'not_conclave'],
    ['self-signed certificate', 'wss://x.example', 'certificate_untrusted'],
    ['certificate has expired', 'wss://x.example', 'certificate_expired'],
    ["Hostname/IP does not match certificate's altnames: x", 'wss://x.example', 'certificate_name'],
    ['connect EMFILE 127.0.0.1:8080', 'ws://127.0.0.1:8080', 'too_many_files'],
    ['something else', 'ws://127.0.0.1:8080', undefined],
  ])('is recognised: %s', (raw, server, fault) => {
    expect(connectionFaultOf(raw, server)).toBe(fault);
  });

  it('becomes words about the address that was dialled', () => {
    expect(connectionText('plain_not_tls', 'wss://chat.example.org:8443')).toBe(
      'the server at chat.example.org:8443 does not speak TLS: try ws://chat.example.org:8443 instead of wss://chat.example.org:8443',
    );
    expect(connectionText('no_such_host', 'wss://x.example:443')).toBe(
      'there is no host called x.example: check the address',
    );
  });
});

/** Each string, and each function as it is written. */
const written = (texts: unknown): readonly string[] => {
  if (typeof texts === 'string') return [texts];
  if (typeof texts === 'function') return [String(texts)];
  return typeof texts === 'object' && texts !== null ? Object.values(texts).flatMap(written) : [];
};

it('the texts of every client send nobody from the chat to a shell for what the chat can do', () => {
  const all = written(texts);
  expect(all.length).toBeGreaterThan(250);
  for (const text of all)
    for (const [, name = ''] of text.matchAll(/conclave (?:room )?([a-z-]+)/g))
      if (name in chatTexts.commands) expect(text).toMatch(/ \/[a-z]+/);
});

it('no text ends a reason with a full stop, since a reason may end with a question mark', () => {
  const all = written([texts, chatTexts, cliTexts, tuiTexts, german]);
  expect(all.filter((text) => /\{reason(?:,number|:[^}]*)?\}\./.test(text))).toEqual([]);
});

it('a text that is put before another sentence ends as a sentence, once', () => {
  expect(asSentence('the disk is full')).toBe('the disk is full.');
  expect(asSentence('is the server running?')).toBe('is the server running?');
});

describe('the texts of the chat', () => {
  it('name commands, never keys, since another face has other keys or none', () => {
    const all = written(chatTexts);
    expect(all.length).toBeGreaterThan(150);
    for (const text of all) expect(text).not.toMatch(/\b(?:Ctrl|Alt|Shift|Esc|Enter|PageUp|F\d+)\b|[↑↓]/);
  });

  it('name only commands that exist', () => {
    const named = written([chatTexts, tuiTexts]).flatMap((text) =>
      [...text.matchAll(/(?<![\w/:.<])\/([a-z]+)\b(?!\/)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(20);
    // "a /command" is any of them.
    expect(named.filter((name) => name !== 'command' && !(name in chatTexts.commands))).toEqual([]);
  });
});
