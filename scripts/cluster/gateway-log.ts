import { appendFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from '../../src/lib/make-folders.ts';

/** Of one file; with the one before it, a gateway keeps at most twice as much. */
export const LOG_FILE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * What one gateway printed, a line each, after what `path` already has. A full file becomes `path.1`, in place of the one that
 * was full before it, so that the newest lines are always kept. Only its owner can read it.
 */
export class GatewayLog {
  readonly path: string;
  readonly #bytesMax: number;
  #bytes: number;
  #lastLine = '';

  constructor(path: string, bytesMax: number = LOG_FILE_BYTES_MAX) {
    this.path = path;
    this.#bytesMax = bytesMax;
    makeFolders(dirname(path));
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** For an end that nobody ordered. */
  get lastWords(): string {
    return `${this.#lastLine} (${this.path})`;
  }

  write(line: string): void {
    this.#lastLine = line;
    try {
      if (this.#bytes >= this.#bytesMax) {
        renameSync(this.path, `${this.path}.1`);
        this.#bytes = 0;
      }
      appendFileSync(this.path, `${line}\n`, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(line) + 1;
    } catch {
      // A full disk costs lines, not the cluster.
    }
  }
}
