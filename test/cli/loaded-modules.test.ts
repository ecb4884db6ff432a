import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { cli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice');
  await scene.done('alice', 'create', 'Lobby');
});
afterAll(() => scene[Symbol.asyncDispose]());

async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  return loadedIn(async (coverage) => {
    const env = { NODE_V8_COVERAGE: coverage };
    expect((await cli([...scene.options('alice'), ...args], { env })).code).toBe(0);
  });
}

/** The sources of everything that a process loaded: what V8 lists for the measurement of coverage, looked up in the build's source maps. */
async function loadedIn(run: (coverage: string) => Promise<void>): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(scene.folder, 'coverage-'));
  await run(coverage);
  const [file = ''] = await readdir(coverage);
  const report = JSON.parse(await readFile(join(coverage, file), 'utf8')) as { result: { url: string }[] };
  const paths = report.result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
  return (await Promise.all(paths.map(sourcesOf))).flat().map((path) => relative('.', path));
}

async function sourcesOf(path: string): Promise<readonly string[]> {
  if (!path.startsWith(resolve('dist'))) return [path];
  const { sources } = JSON.parse(await readFile(`${path}.map`, 'utf8')) as { sources: string[] };
  return sources.map((source) => resolve(dirname(path), source));
}

/** Where the tables of commands are, and what is loaded for one of them. */
const commandModules = (loaded: readonly string[]): readonly string[] =>
  loaded
    .flatMap((path) => /^client\/cli\/commands\/(.*)\.ts$/.exec(path)?.[1] ?? [])
    .filter((name) => !name.endsWith('-commands'))
    .sort();

const packages = (loaded: readonly string[]): readonly string[] => [
  ...new Set(loaded.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])),
];

/** The profile's database and the connection: what a command needs to say one thing to the server, and nothing else. */
const needed =
  /^(commander|ws|p-retry|is-network-error|@msgpack\/msgpack|lmdb|@lmdb\/.*|msgpackr|msgpackr-extract|@msgpackr-extract\/.*|ordered-binary|weak-lru-cache|@harperfast\/extended-iterable|node-gyp-build-optional-packages|detect-libc)$/;

describe('the modules of a command', () => {
  it.each([
    ['send', ['epoch-progress', 'life', 'room-password', 'send', 'send-lines'], ['send', 'Lobby', 'Hello']],
    ['tail', ['epoch-progress', 'room-lines', 'tail'], ['tail', 'Lobby']],
  ])(
    '%s are its own: none of other commands, of the full-screen client, or of packages for those',
    async (_name, own, args) => {
      const loaded = await loadedBy(args);
      expect(commandModules(loaded)).toEqual(own);
      expect(loaded.filter((path) => /^client\/(chat|tui)\//.test(path))).toEqual([]);
      expect(packages(loaded).filter((name) => !needed.test(name))).toEqual([]);
    },
  );

  it('of one that needs no account are the tables of commands: no profile, no client, no database', async () => {
    const loaded = await loadedBy(['--version']);
    expect(loaded).toContain('client/cli/commands/room-commands.ts');
    expect(commandModules(loaded)).toEqual([]);
    expect(packages(loaded)).toEqual(['commander']);
    // Its errors are known everywhere; what connects, keeps and decrypts is not.
    const client =
      /^client\/(chat|crypto|tui|sdk\/(client|rooms|people|storage|connection\/(connection|link|login))[./])/;
    expect(loaded.filter((path) => client.test(path))).toEqual([]);
  });
});

test('a lone gateway loads its own store, and no driver of a database or cache that it does not use', async () => {
  const loaded = await loadedIn(async (coverage) => {
    const runner = ['env', `NODE_V8_COVERAGE=${coverage}`];
    await using gateway = await startGateway({ DATA_DIR: join(scene.folder, 'lone') }, { runner });
    expect(await gateway.interrupt()).toBe(0);
  });
  expect(loaded).toContain('src/adapters/embedded/open-embedded-stores.ts');
  expect(loaded.filter((path) => /^src\/adapters\/(mongo|redis)\//.test(path))).toEqual([]);
  expect(packages(loaded)).toContain('lmdb');
  expect(packages(loaded).filter((name) => /^(mongodb|bson|ioredis)$/.test(name))).toEqual([]);
});
