import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openIfThere } from '../../lib/missing-file.ts';
import { StartRefused } from '../../ports/backend.ts';
import { ADMIN_TOKEN_FILE, ADMIN_TOKEN_FORM } from '../../protocol/admin-actions.ts';

const TOKEN_BYTES = 32;

/**
 * The administrators' token of this data directory, made when there is none. Call it while the directory is locked: one
 * process at a time. Throws StartRefused when the file holds no token or others can read it.
 */
export function openAdminToken(dataDir: string): string {
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  try {
    return readToken(file) ?? makeToken(file);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused('configuration', `the admin token ${file} can't be used: ${reason}`, error);
  }
}

function readToken(file: string): string | undefined {
  const descriptor = openIfThere(file);
  if (descriptor === undefined) return undefined;
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0)
      throw new StartRefused(
        'configuration',
        `other users can read the admin token ${file}: delete it, and the next start makes a new one`,
      );
    const token = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
    if (ADMIN_TOKEN_FORM.test(token)) return token;
    throw new StartRefused(
      'configuration',
      `${file} does not hold an admin token: delete it, and the next start makes a new one`,
    );
  } finally {
    closeSync(descriptor);
  }
}

/** Written whole under another name, then renamed: whatever ends the process, the file holds a token or is absent. */
function makeToken(file: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const descriptor = openSync(draft, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  try {
    writeFileSync(descriptor, `${token}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  return token;
}
