import { join } from 'node:path';
import { openAdminToken } from '../../src/adapters/embedded/admin-token-file.ts';
import { ADMIN_TOKEN_FILE } from '../../src/protocol/admin-actions.ts';

/** The one token of all gateways of a local cluster. */
export interface ClusterAdminToken {
  /** For the gateways, without the prefix. */
  readonly env: Readonly<Record<string, string>>;
  /** Options by which `conclave-admin` finds it, for a shell. */
  readonly options: string;
}

/** The caller's own token where `env` has one; else a new one in `dir`. */
export function clusterAdminToken(env: Readonly<Record<string, string>>, dir: string): ClusterAdminToken {
  // conclave-admin reads the same variables, from the same shell.
  if (env['ADMIN_TOKEN'] !== undefined || env['ADMIN_TOKEN_FILE'] !== undefined)
    return { env: {}, options: '' };
  openAdminToken(dir);
  const file = join(dir, ADMIN_TOKEN_FILE);
  return { env: { ADMIN_TOKEN_FILE: file }, options: ` --token-file ${file}` };
}
