import type { Rate } from '../protocol/limits.ts';
import type { ConfigKey } from './config-key.ts';
import { configKeys, keyPrefix } from './config-keys.ts';
import {
  type Backend,
  DRAIN_SECONDS_CLUSTER,
  DRAIN_WAIT_SECONDS_CLUSTER,
  type GatewayConfig,
  type Settings,
} from './gateway-config.ts';
import {
  type Environment,
  type GivenText,
  gatherTexts,
  isServiceLink,
  type ReadFile,
  serviceLinkAdvice,
} from './key-sources.ts';
import { isLoopback } from './loopback.ts';
import { s3Target } from './s3-target.ts';

export type ConfigOutcome =
  | {
      readonly ok: true;
      readonly config: GatewayConfig;
      /** `KEY=value` of every setting in force, secrets masked. */
      readonly lines: readonly string[];
      /** What works, but perhaps not as meant. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The gateway's configuration, or everything that is wrong with it. */
export function readConfig(environment: Environment, readFile: ReadFile): ConfigOutcome {
  const problems: string[] = [];
  const lines: string[] = [];
  const texts = gatherTexts(environment, readFile, problems);
  const settings = Object.fromEntries(
    Object.entries(configKeys).map(([field, key]) => [
      field,
      readKey(key, texts.get(key.name), problems, lines),
    ]),
    // The table is a mapped type of Settings, so its fields and value types are these.
  ) as unknown as Settings;
  if (problems.length > 0) return { ok: false, problems };
  const backend = chooseBackend(settings, problems);
  checkTogether(settings, problems);
  if (backend === undefined || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: compose(settings, backend), lines, warnings: warningsOf(settings, backend) };
}

function readKey(
  key: ConfigKey<unknown>,
  given: GivenText | undefined,
  problems: string[],
  lines: string[],
): unknown {
  const text = given?.text ?? fallbackText(key);
  if (text === undefined) return key.absent?.();
  const parsed = text === '' ? { fault: 'is empty' } : key.parser.parse(text);
  if ('value' in parsed) {
    lines.push(`${keyPrefix}${key.name}=${key.mask?.(text) ?? text}`);
    return parsed.value;
  }
  const variable = given?.variable ?? keyPrefix + key.name;
  // A mistyped secret is still most of a secret.
  const shown = key.mask === undefined && text !== '' ? `${variable}=${JSON.stringify(text)}` : variable;
  const advice = isServiceLink(variable, text) ? serviceLinkAdvice : `Allowed: ${key.parser.allowed}`;
  problems.push(`${shown} ${parsed.fault}. ${advice}`);
  return undefined;
}

function fallbackText(key: ConfigKey<unknown>): string | undefined {
  return typeof key.fallback === 'object' ? key.fallback.text() : key.fallback;
}

function chooseBackend(settings: Settings, problems: string[]): Backend | undefined {
  const { redisUrl, mongodbUrl, dataDir, diskReserveBytes } = settings;
  const bucket = s3Target(settings, mongodbUrl !== undefined, problems);
  if (redisUrl === undefined && mongodbUrl === undefined)
    return { mode: 'embedded', dataDir, diskReserveBytes };
  if (redisUrl !== undefined && mongodbUrl !== undefined) {
    return { mode: 'cluster', redis: redisUrl, mongoUrl: mongodbUrl, bucket };
  }
  problems.push(
    redisUrl === undefined
      ? 'CONCLAVE_MONGODB_URL is given without CONCLAVE_REDIS_URL: gateways that share stores need Redis to reach ' +
          "each other's clients. Allowed: both, or neither for the embedded default"
      : 'CONCLAVE_REDIS_URL is given without CONCLAVE_MONGODB_URL: gateways that share traffic need MongoDB for ' +
          'accounts, rooms and messages. Allowed: both, or neither for the embedded default',
  );
  return undefined;
}

function checkTogether(settings: Settings, problems: string[]): void {
  if ((settings.tlsCertFile === undefined) !== (settings.tlsKeyFile === undefined)) {
    const missing = settings.tlsCertFile === undefined ? 'CONCLAVE_TLS_CERT_FILE' : 'CONCLAVE_TLS_KEY_FILE';
    problems.push(`${missing} is missing: TLS needs the certificate and its key. Allowed: both, or neither`);
  }
  if (settings.silenceSeconds <= settings.pingSeconds) {
    problems.push(
      `CONCLAVE_SILENCE_SECONDS="${settings.silenceSeconds}" would end connections before a ping can be answered. ` +
        `Allowed: more than CONCLAVE_PING_SECONDS (${settings.pingSeconds})`,
    );
  }
  if (settings.port !== 0 && settings.port === settings.adminPort && settings.host === settings.adminHost) {
    problems.push(
      `CONCLAVE_ADMIN_PORT="${settings.adminPort}" is also the port for clients. Allowed: another one, or 0`,
    );
  }
}

function compose(settings: Settings, backend: Backend): GatewayConfig {
  const {
    adminToken,
    tlsCertFile: certFile,
    tlsKeyFile: keyFile,
    redisUrl,
    mongodbUrl,
    dataDir,
    rateFrameBytesSession,
    diskReserveBytes,
    drainWaitSeconds,
    drainSeconds,
    web,
    s3Endpoint,
    s3Bucket,
    s3Region,
    s3AccessKeyId,
    s3SecretAccessKey,
    s3PathStyle,
    s3Prefix,
    ...plain
  } = settings;
  const inCluster = backend.mode === 'cluster';
  return {
    ...plain,
    drainWaitSeconds: drainWaitSeconds ?? (inCluster ? DRAIN_WAIT_SECONDS_CLUSTER : 0),
    drainSeconds: drainSeconds ?? (inCluster ? DRAIN_SECONDS_CLUSTER : 0),
    servesWeb: web === undefined ? isLoopback(plain.host) : web === 'on',
    rateFrameBytesSession: rateFrameBytesSession ?? twice(plain.rateMessageBytesUser),
    ...(adminToken !== undefined && { adminToken }),
    ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
    backend,
  };
}

/** Frames carry more than what counts as a message: headers, other requests, and messages that are sent again. */
function twice(rate: Rate): Rate {
  return rate === 'off' ? 'off' : { ...rate, count: 2 * rate.count, burst: 2 * rate.burst };
}

function warningsOf(settings: Settings, backend: Backend): string[] {
  const warnings = originWarnings(settings);
  // On the embedded store the token is made in the data directory.
  if (settings.adminToken === undefined && backend.mode === 'cluster')
    warnings.push(
      'administrative actions are off: give every gateway the same token, by CONCLAVE_ADMIN_TOKEN or CONCLAVE_ADMIN_TOKEN_FILE',
    );
  return warnings;
}

function originWarnings({ host, port, publicUrls, tlsCertFile }: Settings): string[] {
  if (isLoopback(host) || publicUrls.length > 0) return [];
  const scheme = tlsCertFile === undefined ? 'ws' : 'wss';
  return [
    `CONCLAVE_HOST=${host} takes connections from other machines, but CONCLAVE_PUBLIC_URLS is not set: clients that ` +
      `dial any address but ${scheme}://localhost:${port} or ${scheme}://127.0.0.1:${port} cannot log in ` +
      '(wrong_origin). Set CONCLAVE_PUBLIC_URLS to the addresses that clients dial',
  ];
}
