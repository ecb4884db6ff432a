import { StartRefused } from '../../ports/backend.ts';
import type { S3Target } from '../../ports/targets.ts';
import { adviceOn, ForeignBucket } from './s3-advice.ts';
import { MISSING, missingIsNone } from './s3-refusal.ts';
import type { S3Requests } from './s3-requests.ts';

/** Says whose the objects below the prefix are. */
const OWNER = 'owner';
const OWNER_BYTES_MAX = 1_024;
/** Written and removed at each probe. */
const PROBE = 'probe';

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

/** Throws StartRefused for what stays wrong until somebody changes the configuration, the bucket or the machine. */
export function throwIfHopeless(error: unknown, target: S3Target): void {
  const advice = adviceOn(error, target);
  if (advice?.isHopeless === true) throw new StartRefused('configuration', advice.text, error);
}
