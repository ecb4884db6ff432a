import { isIP } from 'node:net';
import type { S3Target } from '../ports/targets.ts';
import { matching, oneOf, type ValueParser } from './value-parser.ts';

/** What is given of it. */
export interface S3Settings {
  readonly s3Endpoint: URL | undefined;
  readonly s3Bucket: string | undefined;
  readonly s3Region: string;
  readonly s3AccessKeyId: string | undefined;
  readonly s3SecretAccessKey: string | undefined;
  readonly s3PathStyle: 'on' | 'off';
  readonly s3Prefix: string;
}

export const s3Endpoint: ValueParser<URL> = {
  allowed: 'http:// or https:// address without user, path and query',
  parse(text) {
    if (!URL.canParse(text)) return { fault: 'is not an address' };
    const url = new URL(text);
    const isPlain = /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
    return isPlain ? { value: url } : { fault: 'is not an http or https address without anything behind it' };
  },
};

export const s3Bucket: ValueParser<string> = matching(
  /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/,
  'a name of 3 to 63 letters, digits, ".", "_" or "-"',
);

export const s3Region: ValueParser<string> = matching(
  /^[A-Za-z0-9-]{1,64}$/,
  '1 to 64 letters, digits or "-"',
);

/** Both halves of a key. The secret of some servers has any visible character. */
export const s3Key: ValueParser<string> = matching(
  /^[!-~]{1,256}$/,
  '1 to 256 visible ASCII characters without spaces',
);

export const s3PathStyle: ValueParser<'on' | 'off'> = oneOf('on', 'off');

export const s3Prefix: ValueParser<string> = matching(
  /^(?=.{1,128}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/,
  'up to 128 letters, digits, ".", "_" or "-", in segments separated by "/"',
);

/** Undefined: none is configured, or not all of it, which goes into `problems`. */
export function s3Target(settings: S3Settings, hasMongo: boolean, problems: string[]): S3Target | undefined {
  const { s3Endpoint: endpoint, s3Bucket: bucket } = settings;
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = settings;
  const needed = {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const given = Object.entries(needed).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  for (const [name, value] of Object.entries(needed))
    if (value === undefined)
      problems.push(
        `CONCLAVE_${name} is missing: CONCLAVE_${given[0]?.[0]} is given. Allowed: all of ${Object.keys(needed).join(', ')}, or none`,
      );
  if (!hasMongo)
    problems.push(
      `CONCLAVE_${given[0]?.[0]} is given without CONCLAVE_MONGODB_URL: the embedded store keeps files in its own folder. Allowed: both, or neither`,
    );
  if (endpoint === undefined || bucket === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const { s3Region: region, s3PathStyle: style, s3Prefix: prefix } = settings;
  const fault = style === 'off' ? faultAsLabel(endpoint, bucket) : undefined;
  if (fault !== undefined)
    problems.push(
      `CONCLAVE_S3_PATH_STYLE="off" does not fit: ${fault}. Allowed: on, or another endpoint or bucket`,
    );
  return { endpoint, bucket, region, accessKeyId, secretAccessKey, isPathStyle: style === 'on', prefix };
}

/** Why the bucket can't be a label before the endpoint's host: URLs silently keep such a host as it was. */
function faultAsLabel({ hostname }: URL, bucket: string): string | undefined {
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0)
    return 'CONCLAVE_S3_ENDPOINT is an IP address, which takes no label before it';
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(bucket))
    return `CONCLAVE_S3_BUCKET="${bucket}" is no name of a host, which has lower-case letters, digits, "-" and single dots`;
  return undefined;
}
