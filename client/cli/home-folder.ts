import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Of whoever runs this, by the system's list of users where HOME is of no use; undefined: there is none. */
export function homeFolder(): string | undefined {
  for (const look of [homedir, () => userInfo().homedir]) {
    const found = orUndefined(look);
    if (found !== undefined && isAbsolute(found)) return found;
  }
  return undefined;
}

/**
 * The folder `conclave` in the one that an XDG variable names, else at its usual place in the home folder. A relative path in the
 * variable is ignored: XDG Base Directory Specification, "Basics".
 */
export function ownFolder(variable: string | undefined, ...usual: readonly string[]): string | undefined {
  if (variable !== undefined && isAbsolute(variable)) return join(variable, 'conclave');
  const home = homeFolder();
  return home === undefined ? undefined : join(home, ...usual, 'conclave');
}

/** Node throws for a user without an entry in the list. */
function orUndefined(look: () => string): string | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
