import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice');
  await scene.done('alice', 'create', 'Lobby');
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Every module that a command loaded: the list that V8 makes for the measurement of coverage. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(scene.folder, 'coverage-'));
  const env = { NODE_V8_COVERAGE: coverage };
  expect((await cli([...scene.options('alice'), ...args], { env })).code).toBe(0);
  const [file = ''] = await readdir(coverage);
  const report = JSON.parse(await readFile(join(coverage, file), 'utf8')) as { result: { url: string }[] };
  return report.result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
}

/** Where the four tables of commands are, and what is loaded for one of them. */
const commandModules = (loaded: readonly string[]): readonly string[] =>
  loaded
    .flatMap((url) => /\/dist\/client\/cli\/commands\/(.*)\.js$/.exec(url)?.[1] ?? [])
    .filter((name) => !name.endsWith('-commands'));

const packages = (loaded: readonly string[]): readonly string[] => [
  ...new Set(loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [])),
];

/** The profile's database and the connection: what a command needs to say one thing to the server, and nothing else. */
const needed =
  /^(commander|ws|p-retry|is-network-error|@msgpack\/msgpack|lmdb|@lmdb\/.*|msgpackr|msgpackr-extract|@msgpackr-extract\/.*|ordered-binary|weak-lru-cache|@harperfast\/extended-iterable|node-gyp-build-optional-packages|detect-libc)$/;

describe('the modules of a command', () => {
  it.each([
    ['send', ['send', 'epoch-progress', 'room-password', 'send-lines'], ['send', 'Lobby', 'Hello']],
    ['tail', ['tail', 'room-lines', 'epoch-progress'], ['tail', 'Lobby']],
  ])(
    '%s are its own: none of other commands, of the full-screen client, or of packages for those',
    async (_name, own, args) => {
      const loaded = await loadedBy(args);
      expect(commandModules(loaded)).toEqual(own);
      expect(loaded.filter((url) => /\/dist\/client\/(chat|tui)\//.test(url))).toEqual([]);
      expect(packages(loaded).filter((name) => !needed.test(name))).toEqual([]);
    },
  );

  it('of one that needs no account are the tables of commands: no profile, no client, no database', async () => {
    const loaded = await loadedBy(['--version']);
    expect(loaded.some((url) => url.endsWith('/dist/client/cli/commands/room-commands.js'))).toBe(true);
    expect(commandModules(loaded)).toEqual([]);
    expect(packages(loaded)).toEqual(['commander']);
    // Its errors are known everywhere; what connects, keeps and decrypts is not.
    const client =
      /\/dist\/client\/(chat|crypto|tui|sdk\/(client|rooms|people|storage|connection\/(connection|link|login))[./])/;
    expect(loaded.filter((url) => client.test(url))).toEqual([]);
  });
});
