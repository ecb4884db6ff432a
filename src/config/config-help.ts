import type { ConfigKey } from './config-key.ts';
import { configKeys, keyPrefix } from './config-keys.ts';

const keys: ReadonlyArray<ConfigKey<unknown>> = Object.values(configKeys);

/** The text of `conclave-gateway --help`. */
export function gatewayHelp(): string {
  const entries = keys.map((key) => {
    const allowed = `Allowed: ${key.parser.allowed}.`;
    return `  ${keyPrefix}${key.name} (${describeFallback(key)})\n      ${key.meaning}\n      ${allowed}`;
  });
  return `Usage: conclave-gateway [--backup DIR | --check-config | --help | --version | --web-digest]

Runs one gateway, configured by environment variables:

${entries.join('\n')}

Each can be given as KEY_FILE instead: the name of a file that contains the value.
${keyPrefix}CONFIG can name a file of KEY=VALUE lines; the environment takes precedence.
--check-config prints the effective configuration, with secrets masked, and exits.
--backup DIR copies a consistent snapshot of the store in ${keyPrefix}DATA_DIR to a new folder, while the gateway may be running.
--web-digest prints the SHA-256 of each file of the web client, and exits.

Exit codes: 0 stopped or done, 1 unexpected, 2 configuration refused, 3 port or data folder in use.
`;
}

/** The table of docs/configuration.md. */
export function configurationTable(): string {
  const rows = keys.map((key) => {
    const cells = [
      `\`${keyPrefix}${key.name}\``,
      describeFallback(key, '`'),
      key.meaning,
      `${key.parser.allowed}`,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | default | meaning | allowed |', '|---|---|---|---|', ...rows].join('\n');
}

export function describeFallback(key: ConfigKey<unknown>, quote = ''): string {
  if (key.fallback === undefined) return key.whenAbsent ?? 'not set';
  return typeof key.fallback === 'string' ? `${quote}${key.fallback}${quote}` : key.fallback.described;
}
