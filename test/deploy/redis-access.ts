import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What deploy/make-secrets.sh made for Redis. */
export interface RedisSecrets {
  readonly aclFile: string;
  readonly password: string;
  /** Of the gateways' user, in the order of the ACL: `+hget`, … */
  readonly gatewayRules: readonly string[];
}

export async function makeSecrets(dir: string): Promise<RedisSecrets> {
  await run('deploy/make-secrets.sh', [dir]);
  const aclFile = join(dir, 'redis-users.acl');
  const line = readFileSync(aclFile, 'utf8')
    .split('\n')
    .find((text) => text.startsWith('user conclave '));
  if (line === undefined) throw new Error('the ACL has no user for the gateways');
  return {
    aclFile,
    password: readFileSync(join(dir, 'redis-password'), 'utf8'),
    gatewayRules: line.split(' ').slice(2),
  };
}

/** On a Redis whose default user may do so. */
export async function setUser(port: number, name: string, rules: readonly string[]): Promise<void> {
  await run('redis-cli', ['-p', `${port}`, '-e', 'ACL', 'SETUSER', name, ...rules]);
}

/** The lines that redis-cli prints for a command of the user `root`, which only the tests have. */
export async function askAsRoot(port: number, ...command: string[]): Promise<readonly string[]> {
  const { stdout } = await run('redis-cli', [
    '-p',
    `${port}`,
    '--user',
    'root',
    '--pass',
    'root',
    '--no-auth-warning',
    ...command,
  ]);
  return stdout.split('\n').filter((text) => text !== '');
}

/** Commands that were called, subcommands as `client|setname`, those inside scripts included. */
export async function commandsUsed(port: number): Promise<readonly string[]> {
  const lines = await askAsRoot(port, 'INFO', 'commandstats');
  return lines.flatMap((text) => /^cmdstat_([^:]+):/.exec(text)?.[1] ?? []);
}
