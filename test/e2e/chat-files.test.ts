import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChosenFile } from '../../client/chat/files/face-files.ts';
import type { Echo, MessageEntry } from '../../client/chat/model/entry.ts';
import { DiskFiles } from '../../client/cli/files/disk-files.ts';
import type { Room } from '../../client/sdk/index.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { faceOf, type Headless, inLobby } from '../support/chat/headless.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { eventually } from '../support/eventually.ts';

let folder: string;
let gateway: GatewayProcess;
let people: People;
let lobby: Room;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-chat-files-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  people = new People();
  const { client } = await people.register('Bob', gateway.url);
  await client.create('Lobby');
  lobby = await client.room('Lobby');
});
afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The disk, with a door in front of every file that is read while it is shut. */
class GatedDisk extends DiskFiles {
  #open: () => void = () => undefined;
  #door = Promise.resolve();

  shut(): void {
    this.#door = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  letIn(): void {
    this.#open();
  }

  override async choose(path: string): Promise<ChosenFile> {
    const chosen = await super.choose(path);
    const open: ChosenFile['open'] = async () => {
      const source = await chosen.open();
      let reads = 0;
      const read: typeof source.read = async (offset, length) => {
        reads += 1;
        // The first reading hashes; the second one is what goes out.
        if (reads > 4) await this.#door;
        return source.read(offset, length);
      };
      return { ...source, read };
    };
    return { ...chosen, open };
  }
}

let names = 0;

async function somebody(disk?: DiskFiles): Promise<Headless> {
  names += 1;
  return inLobby(
    await faceOf(await people.register(`Ada${names}`, gateway.url), gateway.url, { files: disk }),
  );
}

async function ownFile(name: string, size = 1_000): Promise<{ path: string; bytes: Uint8Array }> {
  const own = await mkdtemp(join(folder, 'own-'));
  const bytes = new Uint8Array(randomBytes(size));
  await writeFile(join(own, name), bytes);
  return { path: join(own, name), bytes };
}

async function sentByBob(name: string, size = 1_000): Promise<Uint8Array> {
  const { path, bytes } = await ownFile('x', size);
  const source = await (await new DiskFiles({}).choose(path)).open();
  const shared = await lobby.upload({ ...source, name });
  await source.close();
  await lobby.send('look', { files: [shared] });
  return bytes;
}

const last = (ada: Headless): MessageEntry => {
  const entry = ada.room.timeline.entries.findLast(({ kind }) => kind === 'message');
  return entry?.kind === 'message' ? entry : expect.fail('nothing is loaded');
};
const echo = (ada: Headless): Echo => ada.room.timeline.echoes[0] ?? expect.fail('nothing is on its way');
const fileOf = (ada: Headless) => last(ada).files?.[0] ?? expect.fail('it has no file');
const agree = async (ada: Headless, title: string) => {
  await ada.asked('confirm', title);
  ada.application.dialogs.agree();
};
const said = (ada: Headless) => ada.model.notices.map(({ text }) => text);

test('a file is sent after a question that tells its size and the limit, and saved by its number', async () => {
  await using ada = await somebody(new DiskFiles({}));
  const { path, bytes } = await ownFile('my list.txt', 600_000);
  const sending = ada.line(`/send "${path}" see this`);
  const asked = await ada.asked('confirm', 'Send my list.txt to Lobby?');
  expect(asked).toMatchObject({ about: [expect.stringMatching(/^600 KB, text\/plain\. .* 105 MB\.$/)] });
  ada.application.dialogs.agree();
  await sending;
  await eventually(() => {
    expect(ada.room.timeline.echoes).toEqual([]);
    expect(last(ada)).toMatchObject({ text: 'see this', files: [{ name: 'my list.txt', size: 600_000 }] });
  });
  const to = await mkdtemp(join(folder, 'to-'));
  const { number } = fileOf(ada);
  await ada.line(`/save ${number} ${to}`);
  const place = join(to, 'my list.txt');
  await eventually(() => expect(fileOf(ada).state).toEqual({ kind: 'saved', place }));
  expect(said(ada)).toContain(`saved ${place}`);
  expect(new Uint8Array(await readFile(place))).toEqual(bytes);
  await expect(ada.line(`/save ${number} '${place}'`)).rejects.toMatchObject({ code: 'profile_exists' });
  await expect(ada.line('/save 999')).rejects.toMatchObject({ code: 'usage' });
  expect(await readdir(to)).toEqual(['my list.txt']);
});

test('what is refused or put away sends nothing, and leaves what was typed where it was', async () => {
  await using ada = await somebody(new DiskFiles({}));
  await expect(ada.line(`/send ${folder} words`)).rejects.toMatchObject({ code: 'usage' });
  expect(ada.chat.input.text).toBe(`/send ${folder} words`);
  const { path } = await ownFile('a.txt');
  const sending = ada.line(`/send ${path}`);
  await ada.asked('confirm', 'Send a.txt to Lobby?');
  ada.application.dialogs.dismiss();
  await sending;
  expect(ada.room.timeline.echoes).toEqual([]);
});

test('messages and commands pass a file on its way; it is cancelled, or fails and is sent again', async () => {
  const disk = new GatedDisk({});
  disk.shut();
  await using ada = await somebody(disk);
  const { path } = await ownFile('big.bin', 4 * FILE_CHUNK_BYTES);
  const send = async () => {
    const sending = ada.line(`/send ${path} here it is`);
    await agree(ada, 'Send big.bin to Lobby?');
    await sending;
    await eventually(() => expect(echo(ada).files?.[0]?.state).toEqual({ kind: 'sending', percent: 0 }));
  };
  await send();
  await ada.line('meanwhile');
  await eventually(() => expect(last(ada).text).toBe('meanwhile'));
  ada.chat.cancel();
  await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
  expect(said(ada)).toContain('cancelled big.bin');
  await send();
  await ada.line('/cancel');
  await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
  await ada.line('/cancel');
  expect(said(ada).join()).toContain('no file of this room');

  await send();
  await writeFile(path, 'shorter');
  disk.letIn();
  await eventually(() => expect(echo(ada)).toMatchObject({ state: 'failed', text: 'here it is' }));
  ada.chat.retryFailed();
  await eventually(() => expect(last(ada)).toMatchObject({ text: 'here it is', files: [{ size: 7 }] }));
});

test('an upload goes on when the connection comes back, with what the server has already', async () => {
  const disk = new GatedDisk({});
  disk.shut();
  const data = await mkdtemp(join(folder, 'data-'));
  const env = { DATA_DIR: data, ...ratesOff };
  const before = await startGateway(env);
  await using balancer = await TcpBalancer.start([before.url]);
  await using there = new People();
  const device = await there.register('Eve', balancer.url);
  const { client } = device;
  await client.create('Lobby');
  await using eve = await inLobby(await faceOf(device, balancer.url, { files: disk }));
  const { path, bytes } = await ownFile('long.bin', 3 * FILE_CHUNK_BYTES);
  const sending = eve.line(`/send ${path}`);
  await agree(eve, 'Send long.bin to Lobby?');
  await sending;
  await eventually(() => expect(echo(eve).files?.[0]?.state).toMatchObject({ kind: 'sending' }));
  await before.kill();
  disk.letIn();
  await eventually(() => expect(client.status.state).not.toBe('online'));
  expect(echo(eve).state).toBe('pending');
  await using after = await startGateway(env);
  balancer.add(after.url);
  client.retryNow();
  await eventually(() => expect(last(eve).files).toMatchObject([{ name: 'long.bin' }]));
  await eve.line(`/save 1 ${join(data, 'copy')}`);
  await eventually(() => expect(fileOf(eve).state).toMatchObject({ kind: 'saved' }));
  expect(new Uint8Array(await readFile(join(data, 'copy')))).toEqual(bytes);
});

test('a picture is opened at once, anything else after a question, and only what is whole', async () => {
  const own = await mkdtemp(join(folder, 'opener-'));
  await writeFile(join(own, 'viewer'), `#!/bin/sh\ncp "$1" '${own}/shown'\n`);
  await chmod(join(own, 'viewer'), 0o700);
  await using disk = new DiskFiles({ ...process.env, CONCLAVE_OPENER: join(own, 'viewer') });
  await using ada = await somebody(disk);
  const picture = await sentByBob('photo.JPG');
  await eventually(() => expect(fileOf(ada).name).toBe('photo.JPG'));
  await ada.line('/select');
  await ada.line('/open');
  await eventually(() => expect(fileOf(ada).state).toEqual({ kind: 'opened' }));
  await eventually(async () => expect(new Uint8Array(await readFile(join(own, 'shown')))).toEqual(picture));
  await rm(join(own, 'shown'));

  // The name decides that a file gets on the disk, not what the sender says of it.
  const program = await sentByBob('holiday.png\u202e.desktop');
  await eventually(() => expect(fileOf(ada).name).toContain('holiday'));
  const open = () => ada.line(`/open ${fileOf(ada).number}`);
  const refused = open();
  await ada.asked('confirm', 'Open holiday.png.desktop?');
  ada.application.dialogs.dismiss();
  await refused;
  expect(fileOf(ada).state).toBeUndefined();
  const agreed = open();
  await agree(ada, 'Open holiday.png.desktop?');
  await agreed;
  await eventually(async () => expect(new Uint8Array(await readFile(join(own, 'shown')))).toEqual(program));
});

test('a file that is gone, or that the server altered, is said so in its row, and nothing of it stays', async () => {
  await using ada = await somebody(new DiskFiles({}));
  const to = await mkdtemp(join(folder, 'none-'));
  await sentByBob('gone.txt');
  await eventually(() => expect(fileOf(ada).name).toBe('gone.txt'));
  await lobby.discard(fileOf(ada).shared);
  await ada.line(`/save ${fileOf(ada).number} ${to}`);
  await eventually(() => expect(fileOf(ada).state).toEqual({ kind: 'gone' }));
  expect(said(ada).join()).toContain('no longer has this file');

  await sentByBob('altered.txt', FILE_CHUNK_BYTES + 9);
  await eventually(() => expect(fileOf(ada).name).toBe('altered.txt'));
  const { shared } = fileOf(ada);
  const chunks = join(folder, 'data', 'files', shared.file.slice(0, 2), shared.file);
  const [, second = ''] = (await readdir(chunks)).sort();
  const kept = await readFile(join(chunks, second));
  kept[0] = (kept[0] ?? 0) ^ 1;
  await writeFile(join(chunks, second), kept);
  await ada.line(`/save ${fileOf(ada).number} ${to}`);
  await eventually(() => expect(fileOf(ada).state).toEqual({ kind: 'altered' }));
  expect(await readdir(to)).toEqual([]);
});

test('the files of a message go with it, when its sender takes it back or a moderator removes it', async () => {
  await using ada = await somebody(new DiskFiles({}));
  const to = await mkdtemp(join(folder, 'removed-'));
  const { path } = await ownFile('plan.txt');
  const goes = async (command: string, question: string) => {
    await ada.line('/select');
    const { shared } = fileOf(ada);
    const done = ada.line(command);
    const about = expect.arrayContaining(['Its files are deleted from the server.']);
    expect(await ada.asked('confirm', question)).toMatchObject({ about });
    ada.application.dialogs.agree();
    await done;
    await expect(lobby.download(shared, { write: async () => undefined })).rejects.toMatchObject({
      code: 'no_such_file',
    });
  };
  const sending = ada.line(`/send "${path}"`);
  await agree(ada, 'Send plan.txt to Lobby?');
  await sending;
  await eventually(() => expect(fileOf(ada).name).toBe('plan.txt'));
  await goes('/retract', 'Take this message back?');

  await lobby.grant(ada.model.me?.user ?? expect.unreachable());
  await sentByBob('unwanted.txt');
  await eventually(() => expect(fileOf(ada).name).toBe('unwanted.txt'));
  await eventually(() => expect(ada.room.settings.role).toBe('moderator'));
  await goes('/remove', 'Remove this message?');
  // It can still be looked at; its file is said to be gone when somebody wants it.
  await ada.line(`/save ${fileOf(ada).number} ${to}`);
  await eventually(() => expect(fileOf(ada).state).toEqual({ kind: 'gone' }));
});

test('somebody without a disk is told so', async () => {
  await using ada = await somebody();
  await expect(ada.line('/send x')).rejects.toMatchObject({ code: 'usage' });
});
