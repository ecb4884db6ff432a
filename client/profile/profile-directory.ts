import { join } from 'node:path';

/** `$XDG_DATA_HOME/conclave`, or `~/.local/share/conclave`. */
export function defaultProfileDirectory(environment: {
  readonly XDG_DATA_HOME?: string | undefined;
  readonly home: string;
}): string {
  const { XDG_DATA_HOME: data = '', home } = environment;
  return join(data === '' ? join(home, '.local', 'share') : data, 'conclave');
}
