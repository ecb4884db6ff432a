import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRoomName } from '../../src/protocol/names.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { parseMetricsPage } from '../support/observe/metrics-page.ts';
import { RawClient, testKeys } from '../support/raw-client.ts';
import { Person } from './person.ts';
import {
  buildPreviousRelease,
  hasHistory,
  type PreviousRelease,
  settingsKnownTo,
} from './previous-release.ts';

type Release = 'this release' | 'the one before';

const withHistory = await hasHistory();
let before: PreviousRelease | undefined;

beforeAll(async () => {
  if (withHistory) before = await buildPreviousRelease();
});

afterAll(async () => {
  await before?.[Symbol.asyncDispose]();
});

function folderOf(release: Release): string {
  if (release === 'this release') return '.';
  return before?.folder ?? expect.unreachable();
}

// Not as skipped tests, which fail a run with CI=true: a shallow clone has nothing that could be run.
if (!withHistory)
  test('a clone without history has no release before, so nothing runs beside it ("git fetch --unshallow")', () => {
    expect(before).toBeUndefined();
  });

/** Tests that need the release before. */
function withBoth(title: string, tests: () => void): void {
  if (withHistory) describe(title, tests);
}

withBoth('releases work together', () => {
  test.for<{ gateway: Release; ann: Release; bob: Release }>([
    { gateway: 'this release', ann: 'the one before', bob: 'the one before' },
    { gateway: 'the one before', ann: 'this release', bob: 'this release' },
    { gateway: 'this release', ann: 'the one before', bob: 'this release' },
    { gateway: 'the one before', ann: 'this release', bob: 'the one before' },
  ])('on a gateway of $gateway, Ann with $ann and Bob with $bob', async (releases) => {
    await using scene = await Scene.start(releases);
    const { ann, bob } = scene;
    await Promise.all([ann.json('register', 'ann'), bob.json('register', 'bob')]);

    await ann.json('create', 'Lobby');
    await bob.json('join', 'Lobby');
    await using reader = bob.start('tail', 'Lobby', '--follow', '--since', 'all');
    await ann.json('send', 'Lobby', 'from Ann');
    await eventually(() => expect(reader.stdout()).toContain('"from Ann"'), { deadlineMs: PATIENCE_MS });
    await bob.json('send', 'Lobby', 'from Bob');
    await eventually(() => expect(reader.stdout()).toContain('"from Bob"'), { deadlineMs: PATIENCE_MS });
    expect(await ann.read('Lobby')).toEqual(['ann: from Ann ok', 'bob: from Bob ok']);

    await ann.json('create', 'Vault', '--password-file', scene.passwordFile);
    await bob.json('join', 'Vault', '--password-file', scene.passwordFile);
    await bob.json('send', 'Vault', 'under the password');
    expect(await ann.read('Vault')).toEqual(['bob: under the password ok']);

    await ann.json('logout');
    await ann.json('send', 'Vault', 'after another login');
    await bob.json('leave', 'Lobby');
    expect((await bob.run('send', 'Lobby', 'too late')).json).toMatchObject([{ code: 'not_a_member' }]);

    const answered = await scene.answered();
    expect(answered).toContainEqual({ operation: 'answer', outcome: 'ok' });
    expect(answered).toContainEqual({ operation: 'resume', outcome: 'ok' });
    // Whoever keeps to the features that the gateway named asks for nothing that it does not know.
    expect(answered.filter(({ outcome }) => outcome === 'bad_request')).toEqual([]);
  });
});

withBoth('header layout 2', () => {
  test('is offered by this release alone, and cuts off clients of the one before, who are told why', async () => {
    await using scene = await Scene.start({
      ...{ gateway: 'this release', ann: 'this release', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await Promise.all([ann.json('register', 'ann'), bob.json('register', 'bob')]);
    await ann.json('create', 'Lobby');
    await bob.json('join', 'Lobby');
    await ann.json('send', 'Lobby', 'before');
    await ann.json('room', 'header', 'Lobby', '2', '--yes');
    await ann.json('send', 'Lobby', 'after');
    expect(await bob.read('Lobby')).toEqual(['ann: before ok', 'ann: undefined undecryptable']);
    const [refusal] = (await bob.run('send', 'Lobby', 'from before')).json;
    expect(refusal).toMatchObject({
      code: 'unsupported_version',
      message: expect.stringContaining('update the client'),
    });
    await bob.json('create', 'Other');
    expect(await ann.read('Lobby')).toEqual(['ann: before ok', 'ann: after ok']);
  });

  test('is asked of no gateway of the release before: the command says what is missing', async () => {
    await using scene = await Scene.start({
      ...{ gateway: 'the one before', ann: 'this release', bob: 'this release' },
    });
    const { ann } = scene;
    await ann.json('register', 'ann');
    await ann.json('create', 'Lobby');
    for (const args of [
      ['create', 'Other', '--header', '2'],
      ['room', 'header', 'Lobby', '2', '--yes'],
    ]) {
      const refused = await ann.run(...args);
      expect([refused.code, refused.json]).toEqual([5, [expect.objectContaining({ code: 'unsupported' })]]);
    }
    await ann.json('send', 'Lobby', 'goes on');
    expect((await scene.answered()).filter(({ outcome }) => outcome === 'bad_request')).toEqual([]);
  });
});

withBoth('rooms of suite 2', () => {
  test('keep out clients of the release before, who are told why and go on in other rooms', async () => {
    await using scene = await Scene.start({
      ...{ gateway: 'this release', ann: 'the one before', bob: 'the one before' },
    });
    const { ann, bob } = scene;
    await using owner = await RawClient.connect(scene.url);
    await owner.hello();
    await owner.login(await owner.register('owner', await testKeys()));
    const name = parseRoomName('Epochs') ?? expect.unreachable();
    await owner.ask('create', { name, hidden: false, retention: 1, suite: 2 });
    await Promise.all([ann.json('register', 'ann'), bob.json('register', 'bob')]);
    const refused = await ann.run('join', 'Epochs');
    expect(refused.json).toMatchObject([{ code: 'unsupported_version' }]);
    await ann.json('create', 'Lobby');
    await bob.json('join', 'Lobby');
    await ann.json('send', 'Lobby', 'as before');
    expect(await bob.read('Lobby')).toEqual(['ann: as before ok']);
  });
});

class Scene implements AsyncDisposable {
  readonly ann: Person;
  readonly bob: Person;
  readonly passwordFile: string;
  readonly url: string;
  readonly #folder: string;
  readonly #gateway: GatewayProcess;

  private constructor(folder: string, gateway: GatewayProcess, releases: { ann: Release; bob: Release }) {
    this.#folder = folder;
    this.#gateway = gateway;
    this.url = gateway.url;
    this.passwordFile = join(folder, 'password');
    const person = (user: 'ann' | 'bob'): Person =>
      new Person(folderOf(releases[user]), [
        ...['--server', gateway.url, '--user', user],
        ...['--profile', join(folder, 'profile')],
      ]);
    this.ann = person('ann');
    this.bob = person('bob');
  }

  static async start(releases: { gateway: Release; ann: Release; bob: Release }): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-compat-'));
    const env = {
      DATA_DIR: join(folder, 'data'),
      ...(await settingsKnownTo(folderOf(releases.gateway), ratesOff)),
    };
    const scene = new Scene(
      folder,
      await startGateway(env, { folder: folderOf(releases.gateway) }),
      releases,
    );
    await writeFile(scene.passwordFile, 'correct horse\n', { mode: 0o600 });
    return scene;
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
    await rm(this.#folder, { recursive: true, force: true });
  }
}
