// Makes a fresh clone runnable: packages installed, sources built. Only Node's own modules: it runs before
// any package is there.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneAtATime } from './one-at-a-time.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const buildStamp = join(root, 'dist', '.conclave-build');
const parentLookMs = 500;
const progressMs = 3_000;
/** What is compiled, or goes into the page. */
const sourceName = /\.(tsx?|css|html|svg|webmanifest)$/;

/** Installs and builds what is missing or out of date. False: it could not, and has said why. */
export async function prepare() {
  endWithNpm();
  return alone(async () => (await install('.')) && build());
}

/** `folder`: one with a lock file. False: it could not, and has said why. */
export function installPackages(folder) {
  return alone(() => install(folder));
}

function alone(work) {
  process.chdir(root);
  return oneAtATime(work, () => say('Waiting for another process that installs or builds in this clone…'));
}

/** A signal that is sent to npm itself ends npm and its shell, and reaches nobody else: this process gets one of its own. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, parentLookMs);
  watch.unref();
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Says now and then that something goes on, until what it returns is called. */
function sayProgress(doing) {
  const startedAt = Date.now();
  const progress = setInterval(() => {
    say(`  still ${doing}, ${Math.round((Date.now() - startedAt) / 1000)} s`);
  }, progressMs);
  return () => clearInterval(progress);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [needMajor, needMinor, below] = /^>=(\d+)\.(\d+) <(\d+)$/.exec(engines.node).slice(1).map(Number);
  if (major < needMajor || (major === needMajor && minor < needMinor) || major >= below) {
    say(
      `This is Node ${process.versions.node}. Conclave needs ${needMajor}.${needMinor} or newer, and below ${below}: ` +
        'its WebSocket server has binaries for those only. Install Node 22, or run the image: docs/operations.md.',
    );
    return false;
  }
  if (process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined) {
    say(
      'Conclave needs a Linux with glibc (Debian, Ubuntu, Fedora, …): its WebSocket server has no build for musl.',
    );
    return false;
  }
  return true;
}

async function install(folder) {
  if (!checkNode()) return false;
  if (packagesAreInstalled(folder)) return true;
  say('Installing packages (once, and after an update that changes them)…');
  const output = [];
  const code = await new Promise((resolve) => {
    const npm = spawn('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    const endProgress = sayProgress('installing');
    const end = (result) => {
      endProgress();
      resolve(result);
    };
    npm.stdout.on('data', (bytes) => output.push(bytes));
    npm.stderr.on('data', (bytes) => output.push(bytes));
    npm.once('error', () => end('npm'));
    npm.once('close', (status) => end(status ?? 1));
  });
  if (code === 0) return true;
  if (code === 'npm') say('npm is missing: it comes with Node (on Debian in the package "npm").');
  else {
    const text = Buffer.concat(output).toString().trimEnd();
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/.test(text)) {
      say(text.split('\n').find((line) => line.includes('request to')) ?? text);
      say('The package registry could not be reached: check the network, then run the same command again.');
    } else say(`${text}\nThe packages could not be installed: see above.`);
  }
  return false;
}

/** Compares what package-lock.json wants with npm's own record of what it put into node_modules. */
function packagesAreInstalled(folder) {
  const wanted = lockedPackages(join(folder, 'package-lock.json'));
  const there = lockedPackages(join(folder, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const installed = there[path];
    // Optional packages are those of other platforms, for the most part.
    return path === '' || (installed === undefined ? optional === true : installed.version === version);
  });
}

function lockedPackages(file) {
  return JSON.parse(readIfThere(file) ?? '{}').packages ?? {};
}

/** Types are checked while programs and page are built. */
async function build() {
  const wanted = createHash('sha256').update(listSources().map(describe).join('\n')).digest('hex');
  if (readIfThere(buildStamp) === wanted) return linkCommands();
  say('Building…');
  rmSync(buildStamp, { force: true });
  const tsc = join('node_modules', 'typescript-native', 'bin', 'tsc');
  const steps = [
    [tsc, '-p', 'tsconfig.build.json'],
    [join('scripts', 'build-programs.mjs')],
    ...(existsSync(join('client', 'web')) ? [[join('scripts', 'build-web.mjs')]] : []),
  ];
  const endProgress = sayProgress('building');
  const outcomes = await Promise.all(steps.map(succeeds));
  endProgress();
  if (outcomes.includes(false)) {
    say('The build failed: see above.');
    return false;
  }
  writeFileSync(buildStamp, wanted);
  return linkCommands();
}

function succeeds(command) {
  return new Promise((resolve) => {
    spawn(process.execPath, command, { stdio: 'inherit' }).once('close', (status) => resolve(status === 0));
  });
}

/** Lets `npx conclave` find this clone's own commands, as if the package were installed. */
function linkCommands() {
  for (const [name, target] of Object.entries(JSON.parse(readFileSync('package.json', 'utf8')).bin)) {
    if (!existsSync(target)) continue;
    chmodSync(target, 0o755);
    // Windows would need a wrapper script; there npx finds the command by package.json.
    if (process.platform === 'win32') continue;
    const link = join('node_modules', '.bin', name);
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    symlinkSync(join('..', '..', target), link);
  }
  return true;
}

function listSources() {
  const folders = ['src', 'client'].filter((folder) => existsSync(folder));
  const inFolders = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => join(folder, name))
      .filter((name) => sourceName.test(name) && !/\.test\.tsx?$/.test(name)),
  );
  return [
    ...inFolders.sort(),
    join('scripts', 'build-programs.mjs'),
    join('scripts', 'build-web.mjs'),
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ];
}

function describe(file) {
  const { size, mtimeMs } = statSync(file);
  return `${file} ${size} ${mtimeMs}`;
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
