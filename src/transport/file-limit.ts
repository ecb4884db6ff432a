import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Files that a node needs besides its connections: stores, backing services, logs, and newcomers that are refused. */
export const RESERVED_FILES = 256;
/** Of these, what is left for everything but newcomers. */
export const LAST_FILES = 128;
const OPEN_FILES_FOLDER = '/proc/self/fd';
/** How long a look at the open files is good for; what was accepted since is added to it. */
const LOOK_MS = 50;
/** Before Linux 6.2 they have to be listed, which takes a tenth of a second for 50,000. */
const LISTING_LOOK_MS = 5_000;

/** As many connections as were asked for, or what the process's limit of open files leaves room for. */
export function connectionsWithinFileLimit(asked: number): number {
  const limit = openFilesMax();
  return limit === undefined ? asked : Math.max(1, Math.min(asked, limit - RESERVED_FILES));
}

/** Node raises its soft limit to the hard one when it starts. Only Linux tells it in a file. */
function openFilesMax(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line?.[1] === undefined ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}

/**
 * Whether another connection may keep its file. At the limit itself the system hands out no connection any more, and the
 * event loop does nothing but try: so the last files are never given away. Where the limit is unknown there always is room.
 */
export class FileRoom {
  readonly #most: number | undefined = openFilesMax();
  #open = 0;
  #goodUntilMs = Number.NEGATIVE_INFINITY;

  /** One more was accepted. */
  isLeft(): boolean {
    if (this.#most === undefined) return true;
    const nowMs = performance.now();
    if (nowMs >= this.#goodUntilMs) this.#look(nowMs);
    else this.#open += 1;
    return this.#open <= this.#most - LAST_FILES;
  }

  #look(nowMs: number): void {
    const { size } = statSync(OPEN_FILES_FOLDER);
    this.#open = size > 0 ? size : readdirSync(OPEN_FILES_FOLDER).length;
    this.#goodUntilMs = nowMs + (size > 0 ? LOOK_MS : LISTING_LOOK_MS);
  }
}
