import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { freePort } from '../support/services/server-process.ts';

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);
const operations = readFileSync('docs/operations.md', 'utf8');
const readme = readFileSync('README.md', 'utf8');
const main = 'node dist/client/admin/main.js';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-admin-lines-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Arguments of each documented `conclave-admin …`: whole lines of code blocks and of the help, and code in prose. */
function documented(text: string): string[] {
  const lines = text.matchAll(/^ *(?:npx )?conclave-admin ([^\n#>]+?) *(?:[#>].*)?$/gm);
  const inProse = text.matchAll(/`(?:npx )?conclave-admin ([^`\n]+)`/g);
  return [...new Set([...lines, ...inProse].map(([, args = '']) => args.trim()))];
}

interface Place {
  readonly gateway: GatewayProcess;
  /** Its environment, as the command beside it has it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs the arguments of a line beside a gateway, at whose address and with whose name they are meant. */
async function runLine(line: string, { gateway, env, cwd }: Place): Promise<CliResult> {
  const args = line
    .replace(/http:\/\/10\.0\.0\.5:9464/, gateway.adminUrl)
    .replace(/\bNODE\b/, 'gateway-1')
    .replace(/\bCOUNT\b/, '1')
    .split(' ');
  return cli(args, { program: 'admin', env, cwd });
}

/** Done, or refused for nothing but the missing person, or what only a cluster has: the token was the right one. */
function expectTaken(line: string, { code, stdout, stderr }: CliResult): void {
  const outcome = stdout + stderr;
  if (line.includes('mallory'))
    expect([line, code, outcome]).toEqual([line, 5, expect.stringContaining('no user')]);
  else if (/^(schema \d|purge)/.test(line) && !line.includes('--yes'))
    expect([line, code, outcome]).toEqual([line, 2, expect.stringContaining('give --yes')]);
  else if (line === 'schema 3 --yes')
    expect([line, code, outcome]).toEqual([line, 5, expect.stringContaining('this store has schema 2')]);
  else expect([line, code, outcome]).toEqual([line, 0, outcome]);
}

/** As `npm start` runs it: everything by default but the ports, in the folder where the command is typed. */
async function besideNpmStart(name: string): Promise<Place> {
  const cwd = folder();
  const ports = { CONCLAVE_ADMIN_PORT: `${await freePort()}` };
  const gateway = await startGateway(
    { ADMIN_PORT: ports.CONCLAVE_ADMIN_PORT, NODE_ID: name, REGISTRATION: 'invite' },
    { cwd },
  );
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  return { gateway, env: ports, cwd };
}

test('every line of conclave-admin in the README, the operations guide and the help works beside npm start', async () => {
  const help = await cli(['--help'], { program: 'admin' });
  const lines = [readme, operations, help.stdout].flatMap(documented);
  const commands = lines.map(
    (line) => line.replace(/^(--\S+ (?!nodes|drain|shed)\S+ |--json )*/, '').split(' ')[0],
  );
  expect(commands).toEqual(
    expect.arrayContaining(['nodes', 'drain', 'shed', 'invite', 'rotate-secret', 'disable']),
  );
  for (const line of new Set(lines.filter((line) => line !== '--help'))) {
    const place = await besideNpmStart(/gateway-\d/.exec(line)?.[0] ?? 'gateway-1');
    // Copied from the gateway's machine, for a command that names a file.
    const token = readFileSync(join(place.cwd, 'data', 'admin-token'));
    writeFileSync(join(place.cwd, 'token'), token, { mode: 0o600 });
    expectTaken(line, await runLine(line, place));
    await place.gateway.kill();
  }
});

/** `CONCLAVE_ADMIN_…` of a text in which they stand as `KEY=value`, `KEY: value`, or as a name above a value. */
function adminSettings(text: string): Record<string, string> {
  const found = text.matchAll(/CONCLAVE_(ADMIN_\w+)(?:=|: |\n +value: )([\w./-]+)/g);
  return Object.fromEntries([...found].map(([, key = '', value = '']) => [key, value]));
}

test.each([
  ['Compose', 'docker compose exec gateway', 'docker-compose.yml', '/run/secrets'],
  [
    'Kubernetes',
    'kubectl -n conclave exec deploy/gateway --',
    'deploy/kubernetes/base/deployment.yaml',
    '/secrets',
  ],
])(
  'the documented line for a container of %s works with the settings of its image and file',
  async (_name, inside, file, mount) => {
    const line = operations.split('\n').find((candidate) => candidate.startsWith(`${inside} ${main} `));
    if (line === undefined) return expect.unreachable(`no line for ${inside}`);
    const secrets = join(folder(), 'secrets');
    await run('deploy/make-secrets.sh', [secrets]);
    const settings = {
      ...adminSettings(readFileSync('Dockerfile', 'utf8')),
      ...adminSettings(readFileSync(file, 'utf8')),
    };
    expect(settings).toEqual({ ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN_FILE: `${mount}/gateway-admin-token` });
    const env = {
      ...settings,
      ADMIN_TOKEN_FILE: join(secrets, 'gateway-admin-token'),
      ADMIN_PORT: `${await freePort()}`,
    };
    const gateway = await startGateway({ ...env, DATA_DIR: folder() });
    onTestFinished(() => gateway[Symbol.asyncDispose]());
    const prefixed = Object.entries(env).map(([key, value]) => [`CONCLAVE_${key}`, value]);
    const place = { gateway, env: Object.fromEntries(prefixed), cwd: folder() };
    expectTaken(line, await runLine(line.slice(inside.length + main.length + 2), place));
    return undefined;
  },
);

test('the token is taken from the option, then the environment, then the data directory', async () => {
  const place = await besideNpmStart('gateway-1');
  const wrong = join(place.cwd, 'wrong');
  writeFileSync(wrong, 'not-the-token-of-this-gateway\n');
  const right = join(place.cwd, 'data', 'admin-token');
  const token = readFileSync(right, 'utf8').trim();
  const nodes = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> =>
    cli([...args, 'nodes'], { program: 'admin', cwd: place.cwd, env: { ...place.env, ...env } });
  const results = await Promise.all([
    nodes([], {}),
    nodes([], { CONCLAVE_ADMIN_TOKEN_FILE: wrong }),
    nodes(['--token-file', right], { CONCLAVE_ADMIN_TOKEN_FILE: wrong }),
    nodes(['--token-file', wrong], { CONCLAVE_ADMIN_TOKEN: token }),
    nodes([], { CONCLAVE_ADMIN_TOKEN: token, CONCLAVE_DATA_DIR: '/nonexistent' }),
    nodes([], { CONCLAVE_DATA_DIR: '/nonexistent' }),
    nodes([], { CONCLAVE_ADMIN_TOKEN: token, CONCLAVE_ADMIN_TOKEN_FILE: right }),
  ]);
  expect(results.map(({ code }) => code)).toEqual([0, 4, 0, 4, 0, 4, 2]);
  expect(results[1]?.stderr).toContain(`the token in ${wrong} is not the one of this gateway`);
  expect(results[5]?.stderr).toContain(
    'there is no token in /nonexistent/admin-token. Give --token-file FILE',
  );
});
