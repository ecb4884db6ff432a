import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { answerFrame, requestFrame } from './agent-messages.ts';
import { AGENT_PATH_BYTES_MAX, type AgentOptions, AgentServer, CLIENTS_MAX } from './agent-server.ts';
import { type Asked, askAgent } from './ask-agent.ts';

const RELEASE = '1.2.3';
const HOUR_MS = 3_600_000;
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const socketPath = (): string => join(emptyFolder(), 'agent');

async function running(options: Partial<AgentOptions> = {}): Promise<{ agent: AgentServer; path: string }> {
  const path = options.path ?? socketPath();
  const agent = await AgentServer.listen({
    ...{ path, key: KEY.slice(), release: RELEASE, lifeMs: HOUR_MS },
    ...options,
  });
  onTestFinished(() => agent.close());
  return { agent, path };
}

const keyAt = (path: string, release = RELEASE): Promise<Asked> => askAgent(path, { release, wants: 'key' });

const givesKey = async (path: string): Promise<void> =>
  expect(await keyAt(path)).toMatchObject({ kind: 'answer', answer: { key: KEY } });

/** Something that is no agent; gives the connections that it gets. */
async function listening(path: string, serve: (socket: Socket) => void): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return sockets;
}

async function dialled(path: string): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, closed };
}

describe('an agent', () => {
  it('gives the key to a command of its release, through a socket that nobody else can use', async () => {
    const { agent, path } = await running();
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(await keyAt(path)).toEqual({
      kind: 'answer',
      answer: { release: RELEASE, process: process.pid, endsAt: agent.endsAt, key: KEY },
    });
    expect(await askAgent(path, { release: RELEASE, wants: 'status' })).toEqual({
      kind: 'answer',
      answer: { release: RELEASE, process: process.pid, endsAt: agent.endsAt },
    });
  });

  it('gives no key to a command of another release, and names its own', async () => {
    const { path } = await running();
    const { answer } = (await keyAt(path, '1.2.4')) as Asked & { kind: 'answer' };
    expect(answer).toMatchObject({ release: RELEASE });
    expect(answer).not.toHaveProperty('key');
  });

  it('ends when a command of any release asks it to: the socket is gone before the answer is there', async () => {
    const key = KEY.slice();
    const { agent, path } = await running({ key });
    expect(await askAgent(path, { release: '9', wants: 'stop' })).toMatchObject({ kind: 'answer' });
    expect(readdirSync(join(path, '..'))).toEqual([]);
    expect(await agent.ended).toBe('stopped');
    expect(key).toEqual(new Uint8Array(32));
  });

  it('ends by itself when its time is up, and when no command uses it', async () => {
    const long = await running({ idleMs: 50 });
    const short = await running({ lifeMs: 50 });
    expect(await Promise.all([long.agent.ended, short.agent.ended])).toEqual(['idle', 'expired']);
    expect(await keyAt(long.path)).toEqual({ kind: 'none' });
    expect(readdirSync(join(short.path, '..'))).toEqual([]);
  });

  it('replaces the socket that a killed one left', async () => {
    const path = socketPath();
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${path}.dead`, resolve));
    // The name survives its listener, as after SIGKILL.
    renameSync(`${path}.dead`, path);
    await new Promise((resolve) => dead.close(resolve));
    chmodSync(path, 0o600);
    expect(await keyAt(path)).toEqual({ kind: 'none' });
    await running({ path });
    await givesKey(path);
    expect(readdirSync(join(path, '..'))).toEqual(['agent']);
  });

  it('ends when another socket is put in its place, and leaves that one alone', async () => {
    // It looks at its place before it looks at the clock.
    const { agent, path } = await running({ idleMs: 100 });
    const other = await listening(`${path}.other`, (socket) => socket.end('other'));
    renameSync(`${path}.other`, path);
    expect(await agent.ended).toBe('replaced');
    const { socket, closed } = await dialled(path);
    socket.resume();
    await closed;
    expect(other).toHaveLength(1);
  });

  it('ends when its folder is removed', async () => {
    const { agent, path } = await running({ idleMs: 100 });
    rmSync(join(path, '..'), { recursive: true });
    expect(await agent.ended).toBe('replaced');
  });

  it.each([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame that announces more than a request may have', Buffer.from([0xff, 0xff, 1, 2, 3])],
    ['a request for something unknown', requestFrame({ release: RELEASE, wants: 'everything' as 'key' })],
    ['an answer', answerFrame({ release: RELEASE, process: 1, endsAt: 1 })],
    ['an empty frame', Buffer.from([0, 0])],
  ])('closes the connection of a client that sends %s, and goes on', async (_what, sent) => {
    const { path } = await running();
    const { socket, closed } = await dialled(path);
    let received = 0;
    socket.on('data', (part) => {
      received += part.length;
    });
    socket.write(sent);
    await closed;
    expect(received).toBe(0);
    await givesKey(path);
  });

  it('lets go of clients that say nothing, send without end, or never read', async () => {
    const { path } = await running();
    const silent = await dialled(path);
    const endless = await dialled(path);
    endless.socket.write(requestFrame({ release: RELEASE, wants: 'status' }));
    const pour = (): void =>
      void (endless.socket.writable && endless.socket.write(Buffer.alloc(65_536), pour));
    pour();
    const deaf = await dialled(path);
    deaf.socket.pause();
    deaf.socket.write(requestFrame({ release: RELEASE, wants: 'key' }));
    await givesKey(path);
    endless.socket.resume();
    await Promise.all([silent.closed, endless.closed]);
    deaf.socket.resume();
    await deaf.closed;
    await givesKey(path);
  });

  it('serves so many clients at a time, and more once these are gone', async () => {
    const { path } = await running({ clientMs: HOUR_MS });
    const taken = await Promise.all(Array.from({ length: CLIENTS_MAX }, () => dialled(path)));
    expect((await keyAt(path)).kind).toBe('silent');
    for (const { socket } of taken) socket.destroy();
    await eventually(() => givesKey(path));
  });

  it('has room for its path in the address of a socket, also while it takes its place', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'a'.repeat(AGENT_PATH_BYTES_MAX - folder.length - 1));
    await running({ path });
    await givesKey(path);
    // Node would cut this one off, and reach the same socket.
    expect(await keyAt(`${path}${'a'.repeat(6)}`)).toEqual({ kind: 'none' });
  });
});

describe('a command', () => {
  it('asks no agent at a path that is not a socket, is a link to one, or is open to others', async () => {
    const { path } = await running();
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(path, join(folder, 'link'));
    expect(await keyAt(join(folder, 'file'))).toEqual({ kind: 'unsafe' });
    expect(await keyAt(join(folder, 'link'))).toEqual({ kind: 'unsafe' });
    chmodSync(path, 0o666);
    expect(await keyAt(path)).toEqual({ kind: 'unsafe' });
  });

  it.each([
    ['closes at once', (socket: Socket) => socket.destroy()],
    ['answers garbage', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends without end', (socket: Socket) => socket.write(Buffer.alloc(1_000_000, 0xff))],
    ['answers nothing', () => undefined],
  ])('goes on without something else in the agent’s place that %s', async (_what, serve) => {
    const path = socketPath();
    await listening(path, serve);
    chmodSync(path, 0o600);
    expect(await askAgent(path, { release: RELEASE, wants: 'key' }, 500)).toEqual({ kind: 'silent' });
  });
});
