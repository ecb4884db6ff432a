import { StartRefused } from '../../ports/backend.ts';
import { MISSING, missingIsNone, S3Refusal } from './s3-refusal.ts';
import type { S3Requests, S3Target } from './s3-requests.ts';

/** Says whose the objects below the prefix are. */
const OWNER = 'owner';
const OWNER_BYTES_MAX = 1_024;
/** Written and removed at each probe. */
const PROBE = 'probe';

/** The objects below the prefix belong to another cluster, which would have its files removed here. */
export class ForeignBucket extends Error {
  override readonly name = 'ForeignBucket';
}

/**
 * Checks that this cluster may write, read, list and remove, and that no other one uses the same bucket and prefix. Throws what S3
 * said, or that it said nothing, or ForeignBucket.
 */
export async function claimBucket(requests: S3Requests, cluster: string, signal: AbortSignal): Promise<void> {
  // First, and for good: a server whose folders are those of a disk removes one with its last object, under another's write.
  if (!(await isOwned(requests, cluster, signal)))
    await requests.ask({ method: 'PUT', name: OWNER, body: new TextEncoder().encode(cluster) }, signal);
  await requests.ask({ method: 'PUT', name: PROBE, body: new Uint8Array(1) }, signal);
  await requests.list({ 'max-keys': '1' }, signal);
  await requests.ask({ method: 'DELETE', name: PROBE }, signal).catch(missingIsNone);
}

/** False: by nobody. By another cluster: throws ForeignBucket. */
export async function isOwned(requests: S3Requests, cluster: string, signal: AbortSignal): Promise<boolean> {
  const owner = await requests
    .ask({ method: 'GET', name: OWNER, bytesMax: OWNER_BYTES_MAX }, signal)
    .catch(missingIsNone);
  if (owner === MISSING) return false;
  if (owner === undefined || new TextDecoder().decode(owner) !== cluster)
    throw new ForeignBucket('the objects belong to another cluster');
  return true;
}

/** S3's codes for what stays wrong until somebody changes the configuration, the bucket or the machine, and what that is. */
const hopeless: Readonly<Record<string, (target: S3Target) => string>> = {
  NoSuchBucket: ({ bucket, endpoint }) =>
    `CONCLAVE_S3_BUCKET="${bucket}" does not exist at ${endpoint.origin}: create it, or name another`,
  InvalidAccessKeyId: ({ endpoint }) => `CONCLAVE_S3_ACCESS_KEY_ID is not known at ${endpoint.origin}`,
  SignatureDoesNotMatch: () => 'CONCLAVE_S3_SECRET_ACCESS_KEY does not belong to CONCLAVE_S3_ACCESS_KEY_ID',
  AccessDenied: ({ bucket, prefix }) =>
    `the key of CONCLAVE_S3_ACCESS_KEY_ID may not write, read, list and delete objects below "${prefix}/" in bucket "${bucket}"`,
  RequestTimeTooSkewed: () =>
    "this machine's clock and that of S3 differ by more than 15 minutes: set the clock",
  AuthorizationHeaderMalformed: ({ region }) =>
    `CONCLAVE_S3_REGION="${region}" is not the region of the bucket`,
  PermanentRedirect: ({ endpoint }) =>
    `the bucket is not at CONCLAVE_S3_ENDPOINT=${endpoint.origin}, but in another region`,
};
/** The names that other servers have for them. */
const alike: Readonly<Record<string, string>> = {
  XAdminUserNotFound: 'InvalidAccessKeyId',
  AllAccessDisabled: 'AccessDenied',
  InvalidBucketName: 'NoSuchBucket',
  AuthorizationQueryParametersError: 'AuthorizationHeaderMalformed',
};

export function throwIfHopeless(error: unknown, target: S3Target): void {
  if (error instanceof ForeignBucket) {
    const reason = `another cluster uses bucket "${target.bucket}" with CONCLAVE_S3_PREFIX="${target.prefix}": use another prefix`;
    throw new StartRefused('configuration', reason, error);
  }
  if (!(error instanceof S3Refusal)) return;
  const reason = hopeless[alike[error.code] ?? error.code];
  if (reason !== undefined) throw new StartRefused('configuration', reason(target), error);
}
