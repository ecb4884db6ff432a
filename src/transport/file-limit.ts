import { readFileSync } from 'node:fs';

/** Files that a node needs besides its connections: stores, backing services, logs. */
const RESERVED_FILES = 256;

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
