import { stat } from 'node:fs/promises';
import { STATE_VERSION } from '../sdk/storage/state-version.ts';

/** Where the state is kept as it was before a migration. */
export const copyBeforeMigration = (path: string): string => `${path}.before-version-${STATE_VERSION}`;

/** An absent or empty file holds no state. */
export async function holdsState(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.size > 0;
}
