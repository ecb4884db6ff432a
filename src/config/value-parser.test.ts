import { expect, test } from 'vitest';
import { mongoUrl } from './mongo-url.ts';
import { rate } from './rate.ts';
import { redisUrl } from './redis-target.ts';
import { browserOrigins, host, networks, publicUrls } from './value-parser.ts';

test.each([
  ['20/s:60', { count: 20, periodMs: 1_000, burst: 60 }],
  ['10/min', { count: 10, periodMs: 60_000, burst: 10 }],
  ['20/h', { count: 20, periodMs: 3_600_000, burst: 20 }],
  ['1073741824/day', { count: 1_073_741_824, periodMs: 86_400_000, burst: 1_073_741_824 }],
  ['off', 'off'],
])('the rate %s is understood', (text, value) => {
  expect(rate.parse(text)).toEqual({ value });
});

test.each(['20', '20/d', '20/s:', '-1/s', '1.5/s', '0/s', '1/s:0', 'OFF', ' 1/s', '9999999999999/s'])(
  'the rate "%s" is refused',
  (text) => {
    expect(rate.parse(text)).toHaveProperty('fault');
  },
);

test.each([
  ['redis://localhost', { kind: 'standalone', host: 'localhost', port: 6379, db: 0, tls: false }],
  [
    'rediss://:p%40ss@[::1]:1',
    { kind: 'standalone', host: '::1', port: 1, db: 0, tls: true, password: 'p@ss' },
  ],
  [
    'redis+sentinel://u:p@s1,s2:26380/main',
    {
      kind: 'sentinel',
      sentinels: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26380 },
      ],
      master: 'main',
      tls: false,
      username: 'u',
      password: 'p',
    },
  ],
  [
    'rediss+cluster://a:1,b:2',
    {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      tls: true,
    },
  ],
])('the Redis URL %s is understood', (text, value) => {
  expect(redisUrl.parse(text)).toEqual({ value });
});

test.each([
  'http://a',
  'redis://',
  'redis://a:0',
  'redis://a:70000',
  'redis://a,b',
  'redis://a/x',
  'redis://a/0?x=1',
  'redis://[1.2.3.4]',
  'redis://u:%zz@a',
  'redis+sentinel://a:1',
  'redis+cluster://a:1/0',
  'redis+cluster://a:1,',
])('the Redis URL "%s" is refused', (text) => {
  expect(redisUrl.parse(text)).toHaveProperty('fault');
});

test('MongoDB URLs need a scheme, a host and an encoded password', () => {
  for (const text of [
    'mongodb://h',
    'mongodb+srv://u:p@h/db?w=1',
    'mongodb://a:1,b:2/?replicaSet=r',
    'mongodb://h?w=1',
  ]) {
    expect(mongoUrl.parse(text)).toEqual({ value: text });
  }
  for (const text of ['mongo://h', 'mongodb://', 'mongodb:///db', 'mongodb://u:p@ss@h', 'mongodb://a,,b']) {
    expect(mongoUrl.parse(text)).toHaveProperty('fault');
  }
});

test('networks tell which addresses are trusted', () => {
  const parsed = networks.parse('10.0.0.0/8, 192.168.1.1,fd00::/8');
  if ('fault' in parsed) throw new Error(parsed.fault);
  expect(parsed.value.check('10.9.8.7', 'ipv4')).toBe(true);
  expect(parsed.value.check('192.168.1.2', 'ipv4')).toBe(false);
  expect(parsed.value.check('fd12::1', 'ipv6')).toBe(true);
  for (const text of ['10.0.0.0/33', 'host', '10.0.0.1,', '10.0.0.0/8/8', '::/129']) {
    expect(networks.parse(text)).toHaveProperty('fault');
  }
});

test('public URLs are made canonical, and those with a path or another scheme refused', () => {
  expect(publicUrls.parse('wss://A.example,wss://a.example:443')).toEqual({ value: ['wss://a.example:443'] });
  for (const text of ['https://a', 'ws://a/chat', 'ws://u:p@a', 'a:80', 'ws://a,']) {
    expect(publicUrls.parse(text)).toHaveProperty('fault');
  }
});

test('web origins are written as browsers write them', () => {
  expect(browserOrigins.parse('https://A.example:443, http://b:81')).toEqual({
    value: ['https://a.example', 'http://b:81'],
  });
  for (const text of ['ws://a', 'https://a/x', 'https://u@a', '*', 'null']) {
    expect(browserOrigins.parse(text)).toHaveProperty('fault');
  }
});

test('hosts are names and addresses without a port', () => {
  for (const text of ['0.0.0.0', '::', 'localhost', 'fd00::1'])
    expect(host.parse(text)).toEqual({ value: text });
  for (const text of ['[::1]', 'a:80', 'a b', '-a', 'http://a'])
    expect(host.parse(text)).toHaveProperty('fault');
});
