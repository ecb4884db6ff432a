import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { parseMetricsPage } from '../support/observe/metrics-page.ts';
import { Person } from './person.ts';
import { previousReleaseOf, settingsKnownTo } from './previous-release.ts';

export type Release = 'this release' | 'the one before';

/** Which release each of them runs. */
interface Cast {
  readonly gateway: Release;
  readonly ann: Release;
  readonly bob: Release;
}

interface BesidePreviousRelease {
  /** Tests that need the release before. */
  readonly withBoth: (title: string, tests: () => void) => void;
  readonly startScene: (cast: Cast) => Promise<Scene>;
}

/** Builds the release before for the tests of the file that calls this; a clone without history has one test, which says so. */
export async function besidePreviousRelease(): Promise<BesidePreviousRelease> {
  const before = await previousReleaseOf(
    'a clone without history has no release before, so nothing runs beside it ("git fetch --unshallow")',
  );
  const folderOf = (release: Release): string =>
    release === 'this release' ? '.' : (before?.() ?? expect.unreachable());
  return {
    withBoth: (title, tests) => {
      if (before !== undefined) describe(title, tests);
    },
    startScene: (cast) => Scene.start(cast, folderOf),
  };
}

export class Scene implements AsyncDisposable {
  readonly ann: Person;
  readonly bob: Person;
  readonly folder: string;
  readonly passwordFile: string;
  readonly url: string;
  readonly #folderOf: (release: Release) => string;
  readonly #gateway: GatewayProcess;

  private constructor(
    folder: string,
    gateway: GatewayProcess,
    cast: Cast,
    folderOf: (release: Release) => string,
  ) {
    this.folder = folder;
    this.#gateway = gateway;
    this.#folderOf = folderOf;
    this.url = gateway.url;
    this.passwordFile = join(folder, 'password');
    this.ann = this.person('ann', cast.ann);
    this.bob = this.person('bob', cast.bob);
  }

  static async start(cast: Cast, folderOf: (release: Release) => string): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-compat-'));
    const at = folderOf(cast.gateway);
    const env = { DATA_DIR: join(folder, 'data'), ...(await settingsKnownTo(at, ratesOff)) };
    const scene = new Scene(folder, await startGateway(env, { folder: at }), cast, folderOf);
    await writeFile(scene.passwordFile, 'correct horse\n', { mode: 0o600 });
    return scene;
  }

  /** Somebody at this gateway; `profile` is a folder of the scene. */
  person(user: string, release: Release, profile = 'profile'): Person {
    return new Person(this.#folderOf(release), [
      ...['--server', this.url, '--user', user],
      ...['--profile', join(this.folder, profile)],
    ]);
  }

  /** Both have an account and are in one room, which is Ann's. */
  async inLobby(): Promise<void> {
    await Promise.all([this.ann.json('register', 'ann'), this.bob.json('register', 'bob')]);
    await this.ann.json('create', 'Lobby');
    await this.bob.json('join', 'Lobby');
  }

  /** What the gateway was asked and how it answered, each once. */
  async answered(): Promise<readonly { readonly operation: string; readonly outcome: string }[]> {
    const page = parseMetricsPage(await this.#gateway.metrics());
    const counted = page.series.filter((series) => (page.value(series) ?? 0) > 0);
    return counted.flatMap((series) => {
      const [, operation, outcome] =
        /^conclave_requests_total\{operation="([^"]+)",outcome="([^"]+)"/.exec(series) ?? [];
      return operation === undefined || outcome === undefined ? [] : [{ operation, outcome }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
