import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Stands in for the gateway: what `npm start` does around it is the subject here. */
const gateway = `#!/usr/bin/env node
const { extra } = await import('./extra.ts');
const log = (entry: object): void => void process.stdout.write(JSON.stringify(entry) + '\\n');
let interrupts = 0;
process.on('SIGINT', () => {
  interrupts += 1;
  setTimeout(() => {
    log({ level: 30, time: 0, msg: 'interrupted ' + interrupts + ' times' });
    process.exit(7);
  }, 200);
});
process.on('SIGTERM', () => process.exit(0));
log({ level: 30, time: 0, msg: extra + process.argv.slice(2).join() + process.env['CONCLAVE_PORT'] });
const at = '127.0.0.1:' + (process.env['CONCLAVE_PORT'] ?? '8080');
log({ level: 30, event: 'ready', url: 'ws://' + at, pageUrl: 'http://' + at + '/' });
setInterval(() => {}, 1000);
`;

/** A clone with a small gateway; packages are this checkout's own. */
function makeClone(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-start-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const file of [
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(file, join(dir, file), { recursive: true });
  }
  const packages = resolve('node_modules');
  mkdirSync(join(dir, 'node_modules', '.bin'), { recursive: true });
  for (const name of [
    'pino-pretty',
    'esbuild',
    '@esbuild',
    'typescript-native',
    '@types',
    'undici-types',
    '.package-lock.json',
  ]) {
    symlinkSync(join(packages, name), join(dir, 'node_modules', name));
  }
  mkdirSync(join(dir, 'src'));
  writeFileSync(join(dir, 'src', 'main.ts'), gateway);
  writeFileSync(join(dir, 'src', 'extra.ts'), "export const extra: string = 'hello ';\n");
  return dir;
}

interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
  untilPrinted(text: string): Promise<void>;
}

function start(dir: string, args: readonly string[] = [], port?: string): Started {
  const env = { ...process.env, CONCLAVE_PORT: port };
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], { cwd: dir, env });
  onTestFinished(() => void child.kill('SIGTERM'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (printed += String(bytes)));
  const exitCode = once(child, 'exit').then(() => child.exitCode);
  return {
    process: child,
    output: () => printed,
    exitCode,
    untilPrinted: (text) => expect.poll(() => printed).toContain(text),
  };
}

test('npm start builds, shows the address, the command to chat and the page, and builds no second time', async () => {
  const dir = makeClone();
  const first = start(dir);
  await first.untilPrinted(
    'Conclave is ready at ws://127.0.0.1:8080\nnpx conclave chat\nor in a browser: http://127.0.0.1:8080/\n',
  );
  expect(first.output()).toContain('Building');
  first.process.kill('SIGTERM');
  await expect(first.exitCode).resolves.toBe(0);

  const second = start(dir, ['--flag'], '9000');
  await second.untilPrinted('Conclave is ready at ws://127.0.0.1:9000\n');
  expect(second.output()).not.toContain('Building');
  expect(second.output()).toMatch(/INFO.*hello --flag9000/);
  expect(second.output()).toContain('npx conclave --server ws://127.0.0.1:9000 chat');
});

/** The build of the clone goes on only when what it returns is called. */
function holdBuild(dir: string): () => void {
  const go = join(dir, 'go');
  const build = join(dir, 'scripts', 'build-programs.mjs');
  renameSync(build, join(dir, 'scripts', 'build-at-last.mjs'));
  writeFileSync(
    build,
    `import { existsSync } from 'node:fs';
while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 50));
await import('./build-at-last.mjs');`,
  );
  return () => writeFileSync(go, '');
}

test('npm start says that it is still building, as long as that takes', async () => {
  const dir = makeClone();
  const release = holdBuild(dir);
  const started = start(dir);
  await expect.poll(started.output).toMatch(/Building…\n {2}still building, \d+ s\n/);
  release();
  await started.untilPrinted('Conclave is ready');
});

test('a second start in the same clone waits for the build of the first, says so, and builds nothing', async () => {
  const dir = makeClone();
  const release = holdBuild(dir);
  const first = start(dir);
  await first.untilPrinted('Building…');
  const second = start(dir, [], '9000');
  await second.untilPrinted('Waiting for another process that installs or builds in this clone…');
  release();
  for (const started of [first, second]) await started.untilPrinted('Conclave is ready');
  expect(second.output().match(/Building|Waiting/g)).toEqual(['Waiting']);
});

test('a start that was killed while it built keeps no later one waiting', async () => {
  const dir = makeClone();
  const release = holdBuild(dir);
  const killed = start(dir);
  await killed.untilPrinted('Building…');
  killed.process.kill('SIGKILL');
  await killed.exitCode;
  release();
  const next = start(dir);
  await next.untilPrinted('Conclave is ready');
  expect(next.output()).not.toContain('Waiting');
});

test('one Ctrl-C that arrives twice reaches the gateway once, and its exit code is passed on', async () => {
  const started = start(makeClone());
  await started.untilPrinted('Conclave is ready');
  started.process.kill('SIGINT');
  started.process.kill('SIGINT');
  await expect(started.exitCode).resolves.toBe(7);
  expect(started.output()).toContain('interrupted 1 times');
});

test('a signal that ends npm and its shell ends the gateway too', async () => {
  const dir = makeClone();
  // As npm runs it: in a shell, to which alone it passes a signal on.
  const shell = spawn('sh', ['-c', 'node scripts/start.mjs; exit $?'], {
    cwd: dir,
    env: { ...process.env, npm_lifecycle_event: 'start' },
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  let printed = '';
  shell.stdout.on('data', (bytes) => (printed += String(bytes)));
  await expect.poll(() => printed).toContain('Conclave is ready');
  // The gateway holds the other end of it.
  const closed = once(shell.stdout, 'close');
  shell.kill('SIGTERM');
  await closed;
  expect(shell.signalCode).toBe('SIGTERM');
});

test('a changed source is built at the next start, and the code of a deleted one is removed', async () => {
  const dir = makeClone();
  const first = start(dir);
  await first.untilPrinted('Conclave is ready');
  const parts = join(dir, 'dist/src/parts');
  expect(readdirSync(parts)).toContainEqual(expect.stringMatching(/^extra-\w+\.js$/));
  first.process.kill('SIGTERM');
  await first.exitCode;

  rmSync(join(dir, 'src/extra.ts'));
  writeFileSync(
    join(dir, 'src/main.ts'),
    gateway.replace(/^const \{ extra.*$/m, "const extra = 'changed ';"),
  );
  const second = start(dir);
  await second.untilPrinted('Conclave is ready');
  expect(second.output()).toContain('changed');
  expect(existsSync(parts)).toBe(false);
});

test('sources that do not compile stop the start with the error', async () => {
  const dir = makeClone();
  writeFileSync(join(dir, 'src/extra.ts'), 'export const extra: string = 1;\n');
  const started = start(dir);
  await expect(started.exitCode).resolves.toBe(1);
  expect(started.output()).toMatch(/src\/extra\.ts.*TS2322[\s\S]*The build failed/);
});
