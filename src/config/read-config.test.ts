import { expect, test } from 'vitest';
import type { GatewayConfig } from './gateway-config.ts';
import type { Environment } from './key-sources.ts';
import { readConfig } from './read-config.ts';

const noFiles = (file: string): string => {
  throw Object.assign(new Error(`no ${file}`), { code: 'ENOENT' });
};

function files(contents: Record<string, string>): (file: string) => string {
  return (file) => contents[file] ?? noFiles(file);
}

function accepted(environment: Environment, readFile = noFiles): GatewayConfig {
  const outcome = readConfig(environment, readFile);
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}

function refused(environment: Environment, readFile = noFiles): readonly string[] {
  const outcome = readConfig(environment, readFile);
  return outcome.ok ? [] : outcome.problems;
}

const cluster = {
  CONCLAVE_REDIS_URL: 'redis://app:s3cret@redis:6380/2',
  CONCLAVE_MONGODB_URL:
    'mongodb://app:s3cret@m1,m2:27018/chat?replicaSet=rs&tlsCertificateKeyFilePassword=s3cret',
};

test('nothing given is the embedded default on loopback', () => {
  const config = accepted({ PATH: '/bin' });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    adminHost: '127.0.0.1',
    adminPort: 9464,
    publicUrls: [],
    backend: { mode: 'embedded', dataDir: './data', diskReserveBytes: 67_108_864 },
    rateMessagesUser: { count: 20, periodMs: 1_000, burst: 60 },
    rateMessageBytesUser: { count: 1_048_576, periodMs: 1_000, burst: 1_048_576 },
    outboxBytes: 1_048_576,
  });
  expect(config).not.toHaveProperty('adminToken');
  expect(config).not.toHaveProperty('tls');
  expect(config.nodeId).toMatch(/-\d+$/);
  expect(config.trustedProxies.check('127.0.0.1')).toBe(false);
});

test('only a node of a cluster gives its clients time to move, unless it is told to', () => {
  const times = ({ drainWaitSeconds, drainSeconds }: GatewayConfig): readonly number[] => [
    drainWaitSeconds,
    drainSeconds,
  ];
  expect(times(accepted({}))).toEqual([0, 0]);
  expect(times(accepted(cluster))).toEqual([5, 30]);
  expect(times(accepted({ CONCLAVE_DRAIN_WAIT_SECONDS: '7' }))).toEqual([7, 0]);
  expect(times(accepted({ ...cluster, CONCLAVE_DRAIN_SECONDS: '0' }))).toEqual([5, 0]);
});

test('both URLs make a node of a cluster', () => {
  expect(accepted(cluster).backend).toEqual({
    mode: 'cluster',
    redis: {
      kind: 'standalone',
      host: 'redis',
      port: 6380,
      db: 2,
      tls: false,
      username: 'app',
      password: 's3cret',
    },
    mongoUrl: cluster.CONCLAVE_MONGODB_URL,
    bucket: undefined,
  });
});

const bucket = {
  CONCLAVE_S3_ENDPOINT: 'https://s3.example.org',
  CONCLAVE_S3_BUCKET: 'chunks',
  CONCLAVE_S3_ACCESS_KEY_ID: 'name',
  CONCLAVE_S3_SECRET_ACCESS_KEY: 'hidden/secret+',
};

test('a node of a cluster may keep files in a bucket', () => {
  expect(accepted({ ...cluster, ...bucket }).backend).toMatchObject({
    bucket: {
      endpoint: new URL('https://s3.example.org'),
      bucket: 'chunks',
      region: 'us-east-1',
      accessKeyId: 'name',
      secretAccessKey: 'hidden/secret+',
      isPathStyle: true,
      prefix: 'conclave',
    },
  });
});

test.each(Object.keys(bucket))('a bucket without %s is refused, and the key is named', (key) => {
  expect(refused({ ...cluster, ...bucket, [key]: undefined })).toEqual([
    expect.stringMatching(new RegExp(`^${key} is missing: CONCLAVE_S3_.* is given`)),
  ]);
});

test('a bucket is refused on the embedded store, and no refusal holds its secret', () => {
  const wrong = { ...bucket, CONCLAVE_S3_SECRET_ACCESS_KEY: 'hidden secret', CONCLAVE_S3_PREFIX: '/a' };
  const problems = [...refused(bucket), ...refused({ ...cluster, ...wrong })];
  expect(problems).toEqual([
    expect.stringMatching(/^CONCLAVE_S3_ENDPOINT is given without CONCLAVE_MONGODB_URL/),
    expect.stringMatching(/^CONCLAVE_S3_SECRET_ACCESS_KEY has an invalid form/),
    expect.stringMatching(/^CONCLAVE_S3_PREFIX="\/a" has an invalid form/),
  ]);
  expect(problems.join()).not.toContain('hidden');
});

test.each(['ftp://s3.example.org', 'https://s3.example.org/path', 'https://user@s3.example.org', 's3'])(
  '%s is no endpoint',
  (endpoint) => {
    expect(refused({ ...cluster, ...bucket, CONCLAVE_S3_ENDPOINT: endpoint })).toEqual([
      expect.stringMatching(/^CONCLAVE_S3_ENDPOINT=".*" is not an? (http or https )?address/),
    ]);
  },
);

test('a bucket may be a label before the host', () => {
  const labelled = { ...cluster, ...bucket, CONCLAVE_S3_PATH_STYLE: 'off' };
  expect(accepted(labelled).backend).toMatchObject({ bucket: { isPathStyle: false } });
});

test.each([
  ['http://127.0.0.1:9000', 'chunks', /CONCLAVE_S3_ENDPOINT is an IP address/],
  ['https://[::1]:9000', 'chunks', /CONCLAVE_S3_ENDPOINT is an IP address/],
  ['https://s3.example.org', 'My_Chunks', /CONCLAVE_S3_BUCKET="My_Chunks" is no name of a host/],
  ['https://s3.example.org', 'my..chunks', /CONCLAVE_S3_BUCKET="my\.\.chunks" is no name of a host/],
])('at %s, bucket %s is no label before the host, and may be in the path', (endpoint, name, told) => {
  const given = { ...cluster, ...bucket, CONCLAVE_S3_ENDPOINT: endpoint, CONCLAVE_S3_BUCKET: name };
  expect(refused({ ...given, CONCLAVE_S3_PATH_STYLE: 'off' })).toEqual([expect.stringMatching(told)]);
  expect(accepted(given).backend).toMatchObject({ bucket: { bucket: name, isPathStyle: true } });
});

test.each(['CONCLAVE_REDIS_URL', 'CONCLAVE_MONGODB_URL'] as const)(
  '%s alone is refused with the reason',
  (key) => {
    expect(refused({ [key]: cluster[key] })).toEqual([
      expect.stringMatching(/without CONCLAVE_.*Allowed: both/),
    ]);
  },
);

test('every problem is named at once, with key, fault and what is allowed', () => {
  const problems = refused({ CONCLAVE_PORT: 'http', CONCLAVE_LOG_LEVEL: 'loud', CONCLAVE_DRAIN_SECONDS: '' });
  expect(problems).toEqual([
    'CONCLAVE_PORT="http" is not a whole number. Allowed: a whole number from 0 to 65535',
    expect.stringContaining(
      'CONCLAVE_LOG_LEVEL="loud" is not one of the choices. Allowed: fatal, error, warn',
    ),
    'CONCLAVE_DRAIN_SECONDS is empty. Allowed: a whole number from 0 to 3600',
  ]);
});

test('an unknown key is refused, with the key that was probably meant', () => {
  expect(refused({ CONCLAVE_RATE_MESSAGE_USER: '1/s' })).toEqual([
    'CONCLAVE_RATE_MESSAGE_USER is unknown. Did you mean CONCLAVE_RATE_MESSAGES_USER?',
  ]);
  expect(refused({ CONCLAVE_COLOUR_OF_THE_SKY: 'blue' })).toEqual([
    'CONCLAVE_COLOUR_OF_THE_SKY is unknown. Allowed: the keys listed by conclave-gateway --help',
  ]);
});

test("the client's own keys are not the gateway's business", () => {
  const client = ['SERVER', 'USER', 'PROFILE', 'PASSPHRASE_FILE', 'CACHE'].map((key) => [
    `CONCLAVE_${key}`,
    'x',
  ]);
  expect(refused(Object.fromEntries(client))).toEqual([]);
});

test('variables that Kubernetes makes from a Service are recognised', () => {
  const problems = refused({
    CONCLAVE_PORT: 'tcp://10.0.0.1:8080',
    CONCLAVE_SERVICE_HOST: '10.0.0.1',
    CONCLAVE_PORT_8080_TCP_ADDR: '10.0.0.1',
  });
  expect(problems).toHaveLength(3);
  for (const problem of problems) expect(problem).toContain('enableServiceLinks: false');
});

test('a value may stand in a file, less one line end', () => {
  const environment = {
    CONCLAVE_ADMIN_TOKEN_FILE: '/run/token',
    CONCLAVE_TLS_CERT_FILE: 'c',
    CONCLAVE_TLS_KEY_FILE: 'k',
  };
  const config = accepted(environment, files({ '/run/token': 'abcdefghijklmnop\n' }));
  expect(config.adminToken).toBe('abcdefghijklmnop');
  expect(config.tls).toEqual({ certFile: 'c', keyFile: 'k' });
  expect(refused(environment, files({ '/run/token': 'abcdefghijklmnop\n\n' }))).toEqual([
    expect.stringMatching(/^CONCLAVE_ADMIN_TOKEN_FILE has an invalid form\./),
  ]);
  expect(refused(environment)).toEqual(['CONCLAVE_ADMIN_TOKEN_FILE: /run/token cannot be read (ENOENT)']);
});

test('a value and its file at once are refused', () => {
  expect(refused({ CONCLAVE_PORT: '1', CONCLAVE_PORT_FILE: '/port' }, files({ '/port': '2' }))).toEqual([
    'CONCLAVE_PORT and CONCLAVE_PORT_FILE are both given. Allowed: one of them',
  ]);
});

test('the environment wins over the file that CONCLAVE_CONFIG names', () => {
  const readFile = files({
    '/conf': '# a comment\nCONCLAVE_PORT=1000\nCONCLAVE_ADMIN_PORT="1001"\nOTHER=1\n',
    '/port': '7',
  });
  expect(accepted({ CONCLAVE_CONFIG: '/conf', CONCLAVE_PORT: '2000' }, readFile)).toMatchObject({
    port: 2000,
    adminPort: 1001,
  });
  expect(accepted({ CONCLAVE_CONFIG: '/conf', CONCLAVE_PORT_FILE: '/port' }, readFile).port).toBe(7);
});

test('faults in the configuration file are refused like those of the environment', () => {
  const readFile = files({ '/conf': 'CONCLAVE_PORTS=1\nCONCLAVE_HOST 0.0.0.0\nCONCLAVE_CONFIG=/conf\n' });
  expect(refused({ CONCLAVE_CONFIG: '/conf' }, readFile)).toEqual([
    expect.stringContaining('/conf: the line of CONCLAVE_HOST cannot be read'),
    expect.stringContaining('CONCLAVE_CONFIG cannot be set in the file'),
    expect.stringContaining('Did you mean CONCLAVE_PORT?'),
  ]);
  expect(refused({ CONCLAVE_CONFIG: '/none' })).toEqual(['CONCLAVE_CONFIG: /none cannot be read (ENOENT)']);
});

test('settings that contradict each other are refused', () => {
  expect(refused({ CONCLAVE_TLS_CERT_FILE: 'c' })).toEqual([
    expect.stringContaining('CONCLAVE_TLS_KEY_FILE is missing'),
  ]);
  expect(refused({ CONCLAVE_SILENCE_SECONDS: '25' })).toEqual([
    expect.stringContaining('more than CONCLAVE_PING_SECONDS'),
  ]);
  expect(refused({ CONCLAVE_PORT: '9464' })).toEqual([expect.stringContaining('CONCLAVE_ADMIN_PORT="9464"')]);
  expect(refused({ CONCLAVE_PORT: '0', CONCLAVE_ADMIN_PORT: '0' })).toEqual([]);
});

test('secrets show neither in the settings nor in refusals', () => {
  const environment = { ...cluster, CONCLAVE_ADMIN_TOKEN: 's3cret-of-the-operators' };
  const outcome = readConfig(environment, noFiles);
  if (!outcome.ok) throw new Error('refused');
  expect(outcome.lines).toContain('CONCLAVE_REDIS_URL=redis://app:***@redis:6380/2');
  expect(outcome.lines).toContain('CONCLAVE_ADMIN_TOKEN=***');
  expect(outcome.lines).toContain('CONCLAVE_PORT=8080');
  const broken = {
    CONCLAVE_ADMIN_TOKEN: 's3cret-of-the-operators\n',
    CONCLAVE_REDIS_URL: 'http://:s3cret@x',
    CONCLAVE_MONGODB_URL: 's3cret',
  };
  const problems = refused(broken);
  expect(problems).toHaveLength(3);
  expect([...outcome.lines, ...problems].join('\n')).not.toContain('s3cret');
});

test('a gateway that listens for others without public URLs says who will be refused', () => {
  const outcome = readConfig({ CONCLAVE_HOST: '0.0.0.0' }, noFiles);
  expect(outcome).toMatchObject({
    ok: true,
    warnings: [expect.stringMatching(/CONCLAVE_PUBLIC_URLS.*cannot log in/)],
  });
  const told = {
    CONCLAVE_HOST: '0.0.0.0',
    CONCLAVE_PUBLIC_URLS: 'WSS://Chat.Example.com, ws://10.0.0.1:8080/',
  };
  expect(readConfig(told, noFiles)).toMatchObject({
    warnings: [],
    config: { publicUrls: ['wss://chat.example.com:443', 'ws://10.0.0.1:8080'] },
  });
});

test('the bytes of frames leave room for the bytes of messages, unless they are set', () => {
  const bytes = 'CONCLAVE_RATE_MESSAGE_BYTES_USER';
  const frameBytes = 'CONCLAVE_RATE_FRAME_BYTES_SESSION';
  const rateOf = (environment: Environment) => accepted(environment).rateFrameBytesSession;
  expect(rateOf({ [bytes]: '5000000/s:9000000' })).toEqual({
    count: 10_000_000,
    periodMs: 1_000,
    burst: 18_000_000,
  });
  expect(rateOf({ [bytes]: 'off' })).toBe('off');
  expect(rateOf({ [bytes]: 'off', [frameBytes]: '7/s' })).toEqual({ count: 7, periodMs: 1_000, burst: 7 });
});
