import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Profile } from '../../client/profile/profile.ts';
import { EpochBook } from '../../client/sdk/rooms/epoch-book.ts';
import { getRecord, parseRecord, secretRecord, tokenRecord } from '../../client/sdk/storage/records.ts';
import type { AccountStorage } from '../../client/sdk/storage/storage.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { HASH_BYTES, SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { type Needle, textNeedle } from './needles.ts';

const PASSPHRASE = 'Passphrase-canary-7d1f ünïcode';
const WRONG_PASSPHRASE = 'Wrong-passphrase-canary-22';
const ROOM_PASSWORD = 'Room-password-canary-9c2e';
const WRONG_PASSWORD = 'Wrong-password-canary-51';
const TEXTS = [
  'Plaintext-canary-one-a41b',
  'Plaintext-canary-two-ß-77',
  'Plaintext-canary-three',
  'Plaintext-canary-of-an-epoch',
  'Plaintext-canary-of-the-next-epoch',
];
const MALFORMED = 'Malformed-canary-30fd';
const NAMES = { cli: 'Carolinacanary', sdk: 'Dominiccanary', stranger: 'Strangercanary' };
const ROOMS = { locked: 'VaultCanaryRoom', open: 'LobbyCanaryRoom', epochs: 'EpochCanaryRoom' };

/** What a play left behind that nobody, or only some, may know. */
export interface Secrets {
  /** Contents, passwords, passphrases, private keys, room secrets: never outside of the people's own memory. */
  readonly ofPeople: readonly Needle[];
  /** Tokens and proofs: on the wire to their server, never in a store, log or metric. */
  readonly onTheWireOnly: readonly Needle[];
  /** Names and ids of people and rooms, ciphertext: never in a log or metric. */
  readonly notInLogs: readonly Needle[];
  /** What the wire and the stores do carry: shows that the search looks at the right bytes. */
  readonly publicBytes: readonly Needle[];
}

/** People do what people do, and what they should not, on these addresses. The profile directory is left for a search. */
export async function play(urls: readonly [string, string], directory: string): Promise<Secrets> {
  const [first, second] = urls;
  await using people = new People();
  const profile = join(directory, 'profile');
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, `${text}\n`, { mode: 0o600 });
    return path;
  };
  const [passphrase, wrongPassphrase, password, wrongPassword] = await Promise.all([
    file('passphrase', PASSPHRASE),
    file('wrong-passphrase', WRONG_PASSPHRASE),
    file('password', ROOM_PASSWORD),
    file('wrong-password', WRONG_PASSWORD),
  ]);
  const run = (...args: readonly string[]): Promise<CliResult> =>
    cli(['--server', first, '--profile', profile, '--passphrase-file', passphrase, '--no-input', ...args]);
  await expectCode(run('register', NAMES.cli), 0);
  await expectCode(run('create', ROOMS.locked, '--password-file', password), 0);
  const sdk = await people.register(NAMES.sdk, second);
  const stranger = await people.register(NAMES.stranger, second);
  await refused(stranger.client.join(ROOMS.locked, WRONG_PASSWORD));
  await refused(stranger.client.person('Nobodycanary'));
  await sdk.client.join(ROOMS.locked, ROOM_PASSWORD);
  const vault = await sdk.client.room(ROOMS.locked);
  await sdk.client.create(ROOMS.open, { retention: 0 });
  await expectCode(run('send', ROOMS.locked, TEXTS[0] ?? ''), 0);
  await vault.send(TEXTS[1] ?? '');
  await (await sdk.client.room(ROOMS.open)).send(TEXTS[2] ?? '');
  await expectCode(run('join', ROOMS.open), 0);
  await expectCode(run('create', ROOMS.epochs, '--suite', '2'), 0);
  await sdk.client.join(ROOMS.epochs);
  const epochs = await sdk.client.room(ROOMS.epochs);
  await expectCode(run('send', ROOMS.epochs, TEXTS[3] ?? ''), 0);
  const shown = await expectCode(run('tail', ROOMS.locked, '--since', 'all'), 0);
  if (!shown.stdout.includes(TEXTS[1] ?? '')) throw new Error(`nothing was read: ${shown.stdout}`);
  await expectCode(run('export', join(profile, 'export')), 0);
  await expectCode(
    cli([
      '--server',
      first,
      '--profile',
      profile,
      '--passphrase-file',
      wrongPassphrase,
      '--no-input',
      'rooms',
    ]),
    6,
  );
  await expectCode(run('join', 'NoSuchCanaryRoom', '--password-file', wrongPassword), 5);
  // The keys are other ones from here on; those before stay as secret.
  await expectCode(run('rotate'), 0);
  await sdk.client.rotate();
  await (await sdk.client.room(ROOMS.locked)).send('after the change of keys');
  await epochs.send(TEXTS[4] ?? '');
  await expectCode(run('history', ROOMS.epochs), 0);
  const again = await people.resume(sdk.storage, first);
  await people.login(await sdk.storage.keys.load(), second);
  for (const url of urls) await misbehave(url);
  const secrets = await secretsOf(profile, first, [sdk, again, stranger]);
  // A token of its own is revoked, and with it goes what the server keeps about that.
  await stranger.client.logout({ everywhere: true });
  return secrets;
}

async function expectCode(running: Promise<CliResult>, code: number): Promise<CliResult> {
  const result = await running;
  if (result.code !== code) throw new Error(`ended with ${result.code}, not ${code}: ${result.stderr}`);
  return result;
}

async function refused(work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'accepted',
    () => 'refused',
  );
  if (outcome === 'accepted') throw new Error('it was not refused');
}

/** Frames that are none, requests that are wrong, addresses with more in them than they should have. */
async function misbehave(url: string): Promise<void> {
  const frames: readonly (string | Uint8Array)[] = [
    encode([2, 1, { [MALFORMED]: MALFORMED, token: MALFORMED }]),
    encode([5, 1, { mac: Buffer.from(MALFORMED) }]),
    encode([90, 1, { password: MALFORMED }]),
    encode([MALFORMED, MALFORMED]),
    Buffer.concat([Buffer.from([0xc1]), Buffer.from(MALFORMED)]),
    JSON.stringify({ password: MALFORMED }),
  ];
  for (const frame of frames) {
    const socket = new WebSocket(`${url}${WEBSOCKET_PATH}?token=${MALFORMED}`, SUBPROTOCOL, {
      headers: { authorization: `Bearer ${MALFORMED}`, cookie: MALFORMED },
    });
    await once(socket, 'open');
    const answered = Promise.race([once(socket, 'message'), once(socket, 'close')]);
    socket.send(frame);
    await answered;
    socket.terminate();
  }
}

async function secretsOf(profile: string, url: string, devices: readonly Device[]): Promise<Secrets> {
  const origin = parseOrigin(url);
  if (origin === undefined) throw new TypeError(`${url} is no origin`);
  const users = await new Profile(profile).users(origin);
  const [user] = users;
  if (user === undefined) throw new Error('the profile is empty');
  const account = await new Profile(profile).open(origin, user, PASSPHRASE);
  try {
    const storages: readonly AccountStorage[] = [account, ...devices.map(({ storage }) => storage)];
    const each = async (make: (storage: AccountStorage) => Promise<readonly Needle[]>): Promise<Needle[]> =>
      (await Promise.all(storages.map(make))).flat();
    const ids = (await Promise.all(devices.map(({ client }) => client.me()))).map(({ id }) => id);
    const rooms = await account.state.list('rooms');
    const deliveries = devices.flatMap(({ wire }) =>
      wire.events.flatMap((event) => (event.name === 'deliver' ? [event.body.message] : [])),
    );
    const ciphertexts = deliveries.map(({ ciphertext }, i) => ({
      name: `ciphertext ${i}`,
      bytes: ciphertext.subarray(0, 48),
    }));
    return {
      ofPeople: [
        ...TEXTS.map((text) => textNeedle(text, text)),
        textNeedle('passphrase', PASSPHRASE),
        textNeedle('wrong passphrase', WRONG_PASSPHRASE),
        textNeedle('room password', ROOM_PASSWORD),
        textNeedle('wrong room password', WRONG_PASSWORD),
        ...(await each(privateParts)),
        ...(await each(roomSecrets)),
        ...(await each(epochKeys)),
      ],
      onTheWireOnly: await each(tokens),
      notInLogs: [
        ...Object.values(NAMES).flatMap((name) => [
          textNeedle(name, name),
          textNeedle(name, name.toLowerCase()),
        ]),
        ...Object.values(ROOMS).flatMap((name) => [
          textNeedle(name, name),
          textNeedle(name, name.toLowerCase()),
        ]),
        ...ids.map((id) => ({ name: `user id ${id}`, bytes: Buffer.from(id, 'hex') })),
        ...rooms.map(({ key }) => ({ name: `room id ${key}`, bytes: Buffer.from(key, 'hex') })),
        textNeedle('malformed', MALFORMED),
        ...ciphertexts,
      ],
      publicBytes: [textNeedle('user name', NAMES.cli.toLowerCase()), ...ciphertexts.slice(0, 1)],
    };
  } finally {
    await account.close();
  }
}

/** What of the private keys is not in the public ones, too. */
async function privateParts({ keys: stored }: AccountStorage): Promise<readonly Needle[]> {
  const account = await stored.load();
  const prekeys = account.identities.map(({ prekeys: chain }, i) => ({
    name: `chain of prekeys ${i} of ${account.name}`,
    bytes: chain?.key ?? new Uint8Array(),
  }));
  const long = account.identities.flatMap(({ keys }, i) => {
    const jwk = createPrivateKey({ key: Buffer.from(keys.rsa), format: 'der', type: 'pkcs8' }).export({
      format: 'jwk',
    });
    const numbers = [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((part, at) => ({
      name: `RSA key of ${account.name}, part ${at}`,
      // Leading zeros are written or not: the middle is there in any case.
      bytes: Buffer.from(part ?? '', 'base64url').subarray(8, 72),
    }));
    return [...numbers, { name: `Ed25519 seed ${i} of ${account.name}`, bytes: keys.ed25519 }];
  });
  return [...long, ...prekeys];
}

async function epochKeys({ account, state }: AccountStorage): Promise<readonly Needle[]> {
  const rooms = await state.list('rooms');
  const known = rooms.map(async ({ key }) => {
    const room = parseRoomId(key);
    return room === undefined ? [] : new EpochBook(state).list(room);
  });
  return (await Promise.all(known))
    .flat()
    .flatMap(({ number, key }) =>
      key === undefined ? [] : [{ name: `key of epoch ${number} of ${account.name}`, bytes: key }],
    );
}

async function roomSecrets({ account, state }: AccountStorage): Promise<readonly Needle[]> {
  return (await state.list('secrets')).flatMap(({ key, value }) => {
    const record = parseRecord(secretRecord, value);
    return record === undefined
      ? []
      : [{ name: `room secret ${key} of ${account.name}`, bytes: record.secret }];
  });
}

async function tokens({ account, state }: AccountStorage): Promise<readonly Needle[]> {
  const record = await getRecord(state, 'session', 'token', tokenRecord);
  return record === undefined
    ? []
    : [{ name: `token of ${account.name}`, bytes: record.token.subarray(-HASH_BYTES) }];
}
