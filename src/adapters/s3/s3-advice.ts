import type { S3Target } from '../../ports/targets.ts';
import { S3Refusal } from './s3-refusal.ts';

/** The objects below the prefix belong to another cluster, which would have its files removed here. */
export class ForeignBucket extends Error {
  override readonly name = 'ForeignBucket';
}

export interface S3Advice {
  /** For the operator: what is wrong, and what to do. No secrets. */
  readonly text: string;
  /** It stays wrong until somebody changes the configuration, the bucket or the machine. */
  readonly isHopeless: boolean;
}

type TextOf = (target: S3Target) => string;

/** By S3's codes (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) and those of failed TLS handshakes. */
const hopeless = new Map(
  Object.entries<TextOf>({
    NoSuchBucket: ({ bucket, endpoint }) =>
      `CONCLAVE_S3_BUCKET="${bucket}" does not exist at ${endpoint.origin}: create it, or name another`,
    InvalidAccessKeyId: ({ endpoint }) => `CONCLAVE_S3_ACCESS_KEY_ID is not known at ${endpoint.origin}`,
    ExpiredToken: () =>
      'the key of CONCLAVE_S3_ACCESS_KEY_ID has expired, or needs a session token: give one that is valid for good',
    SignatureDoesNotMatch: () => 'CONCLAVE_S3_SECRET_ACCESS_KEY does not belong to CONCLAVE_S3_ACCESS_KEY_ID',
    AccessDenied: ({ bucket, prefix }) =>
      `the key of CONCLAVE_S3_ACCESS_KEY_ID may not write, read, list and delete objects below "${prefix}/" in bucket "${bucket}"`,
    RequestTimeTooSkewed: () =>
      "this machine's clock and that of S3 differ by more than 15 minutes: set the clock",
    AuthorizationHeaderMalformed: ({ region }) =>
      `CONCLAVE_S3_REGION="${region}" is not the region of the bucket`,
    PermanentRedirect: ({ endpoint }) =>
      `the bucket is not at CONCLAVE_S3_ENDPOINT=${endpoint.origin}, but in another region`,
    PathStyleDomainForbidden: () =>
      'S3 wants the bucket as a label before the host: set CONCLAVE_S3_PATH_STYLE=off',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: ({ endpoint }) =>
      `this machine does not trust the certificate of ${endpoint.host}: for one of your own, start the gateway with NODE_EXTRA_CA_CERTS=FILE.pem, the authority's certificate`,
    ERR_TLS_CERT_ALTNAME_INVALID: ({ endpoint, bucket, isPathStyle }) =>
      isPathStyle
        ? `the certificate of ${endpoint.host} is for another name: give that name in CONCLAVE_S3_ENDPOINT`
        : `the certificate of ${endpoint.host} is not for ${bucket}.${endpoint.hostname}: set CONCLAVE_S3_PATH_STYLE=on, or name a bucket without dots`,
  }),
);

/** What may pass without anybody's doing, or that a gateway can wait for. */
const passing = new Map(
  Object.entries<TextOf>({
    SlowDown: () =>
      'S3 asks for fewer requests: see what else uses the bucket or its disks, or raise its limits',
    QuotaExceeded: ({ bucket }) => `bucket "${bucket}" is full: raise its quota, or add disks to S3`,
    CERT_HAS_EXPIRED: ({ endpoint }) =>
      `the certificate of ${endpoint.host} has expired, or is not valid yet: renew it, and check the clock of this machine`,
    ENOTFOUND: ({ endpoint, bucket, isPathStyle }) =>
      isPathStyle
        ? `nobody knows the name ${endpoint.hostname}: check CONCLAVE_S3_ENDPOINT and DNS`
        : `nobody knows the name ${bucket}.${endpoint.hostname}: check DNS, or set CONCLAVE_S3_PATH_STYLE=on`,
    ECONNREFUSED: ({ endpoint }) =>
      `nothing listens at ${endpoint.host}: start S3, or check CONCLAVE_S3_ENDPOINT`,
    ERR_SSL_WRONG_VERSION_NUMBER: ({ endpoint }) =>
      `${endpoint.host} does not speak TLS: check http or https in CONCLAVE_S3_ENDPOINT`,
  }),
);

/** Other names for them. */
const alike = new Map(
  Object.entries({
    XAdminUserNotFound: 'InvalidAccessKeyId',
    InvalidToken: 'ExpiredToken',
    TokenRefreshRequired: 'ExpiredToken',
    AllAccessDisabled: 'AccessDenied',
    InvalidBucketName: 'NoSuchBucket',
    AuthorizationQueryParametersError: 'AuthorizationHeaderMalformed',
    IllegalLocationConstraintException: 'AuthorizationHeaderMalformed',
    SecondLevelDomainForbidden: 'PathStyleDomainForbidden',
    UNABLE_TO_GET_ISSUER_CERT: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    SELF_SIGNED_CERT_IN_CHAIN: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    CERT_UNTRUSTED: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    CERT_NOT_YET_VALID: 'CERT_HAS_EXPIRED',
  }),
);

/** By what S3 said, or by why it said nothing. Undefined: nothing to add. */
export function adviceOn(error: unknown, target: S3Target): S3Advice | undefined {
  if (error instanceof ForeignBucket) {
    const text = `another cluster uses bucket "${target.bucket}" with CONCLAVE_S3_PREFIX="${target.prefix}": use another prefix`;
    return { text, isHopeless: true };
  }
  const code = error instanceof S3Refusal ? codeOfRefusal(error) : codeOfFailure(error);
  const key = alike.get(code) ?? code;
  const textOf = hopeless.get(key) ?? passing.get(key);
  return textOf && { text: textOf(target), isHopeless: hopeless.has(key) };
}

/** Servers differ in the code where the status says it all. */
function codeOfRefusal({ reason, code }: S3Refusal): string {
  if (reason === 'busy') return 'SlowDown';
  return reason === 'full' ? 'QuotaExceeded' : code;
}

/** The first code in a chain of causes. */
function codeOfFailure(error: unknown): string {
  let next = error;
  for (let depth = 0; depth < CAUSES_MAX && next instanceof Error; depth += 1, next = next.cause)
    if ('code' in next && typeof next.code === 'string') return next.code;
  return '';
}

const CAUSES_MAX = 8;
