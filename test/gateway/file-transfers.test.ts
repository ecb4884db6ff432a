import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORED_CHUNK_BYTES } from '../../src/protocol/file-transfers.ts';
import { eventually } from '../support/eventually.ts';
import { bearer, getChunk, httpUrl, putChunk, uploadRaw } from '../support/raw-file.ts';
import { rawHttp } from '../support/raw-http.ts';
import { FILE_BYTES, type FileScene, fileScene } from './file-scene.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

const PAGE = 'https://chat.example';

let gateway: LiveGateway;
let scene: FileScene;

beforeAll(async () => {
  gateway = await startLiveGateway({ ALLOWED_ORIGINS: PAGE });
  scene = await fileScene(gateway);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('files over HTTP', () => {
  it('come back as they were stored, whatever the order of their chunks', async () => {
    const ann = await scene.person();
    const { room, chunks, ...upload } = await scene.begun(ann);
    for (const number of [2, 0, 1])
      expect((await putChunk(gateway.url, upload, number, chunks[number] ?? new Uint8Array())).status).toBe(
        200,
      );
    await ann.ask('finish', { file: upload.file });
    const { ticket, bytes } = await ann.ask('download', { room, file: upload.file });
    expect(bytes).toBe(FILE_BYTES);
    for (const [number, chunk] of chunks.entries()) {
      const response = await getChunk(gateway.url, { file: upload.file, ticket }, number);
      expect(response.status).toBe(200);
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), chunk)).toBe(0);
    }
  });

  it('can be continued: the gateway says which chunks it has', async () => {
    const ann = await scene.person();
    const { chunks, file, ticket } = await scene.begun(ann, 9 * STORED_CHUNK_BYTES);
    for (const number of [0, 3, 8])
      await putChunk(gateway.url, { file, ticket }, number, chunks[number] ?? new Uint8Array());
    const continued = await ann.ask('continue-upload', { file });
    expect([...continued.held]).toEqual([0b0000_1001, 0b0000_0001]);
    expect((await ann.request('finish', { file }))?.error).toBe('upload_incomplete');
    for (const number of [1, 2, 4, 5, 6, 7])
      expect(
        (await putChunk(gateway.url, { file, ...continued }, number, chunks[number] ?? new Uint8Array()))
          .status,
      ).toBe(200);
    await ann.ask('finish', { file });
  });

  it('keep a chunk that is there: the same again is no fault, other bytes are refused', async () => {
    const ann = await scene.person();
    const { chunks, ...upload } = await scene.begun(ann);
    const [first = new Uint8Array()] = chunks;
    expect((await putChunk(gateway.url, upload, 0, first)).status).toBe(200);
    expect((await putChunk(gateway.url, upload, 0, first)).status).toBe(200);
    const refused = await putChunk(gateway.url, upload, 0, new Uint8Array(randomBytes(first.length)));
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: 'conflict' });
  });

  it('take no chunk once they are finished, and are not there before', async () => {
    const ann = await scene.person();
    const { room, chunks, file, ticket } = await scene.begun(ann, 1_000);
    expect((await ann.request('download', { room, file }))?.error).toBe('no_such_file');
    const [only = new Uint8Array()] = chunks;
    await putChunk(gateway.url, { file, ticket }, 0, only);
    await ann.ask('finish', { file });
    expect((await putChunk(gateway.url, { file, ticket }, 0, only)).status).toBe(404);
    await ann.ask('finish', { file });
  });

  it('that were discarded are found by nobody', async () => {
    const ann = await scene.person();
    const room = await scene.room(ann);
    const { file } = await uploadRaw(ann, gateway.url, room, FILE_BYTES);
    const { ticket } = await ann.ask('download', { room, file });
    await ann.ask('discard', { room, file, uploader: ann.user });
    expect((await ann.request('download', { room, file }))?.error).toBe('no_such_file');
    await eventually(async () => expect((await getChunk(gateway.url, { file, ticket }, 0)).status).toBe(404));
  });

  it('need a ticket of this file and this method that is not altered', async () => {
    const [ann, bob] = [await scene.person(), await scene.person()];
    const room = await scene.room(ann);
    const { file } = await uploadRaw(ann, gateway.url, room, FILE_BYTES);
    const mine = await ann.ask('download', { room, file });
    const other = await scene.begun(bob);
    const altered = new Uint8Array(mine.ticket);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const wider = new Uint8Array(mine.ticket);
    wider[2] = (wider[2] ?? 0) ^ 1;
    const tickets = [other.ticket, altered, wider, new Uint8Array(0), new Uint8Array(200)];
    for (const ticket of tickets) expect((await getChunk(gateway.url, { file, ticket }, 0)).status).toBe(401);
    const put = await putChunk(gateway.url, { file, ...mine }, 0, new Uint8Array(STORED_CHUNK_BYTES));
    expect(put.status).toBe(401);
    expect((await getChunk(gateway.url, other, 0)).status).toBe(401);
    expect((await fetch(httpUrl(gateway.url, file, 0))).status).toBe(401);
  });

  it('have no chunks but those of their size, each of its own length', async () => {
    const ann = await scene.person();
    const { chunks, ...upload } = await scene.begun(ann);
    const [first = new Uint8Array(), , last = new Uint8Array()] = chunks;
    expect((await putChunk(gateway.url, upload, 3, first)).status).toBe(404);
    expect((await putChunk(gateway.url, upload, 0, first.subarray(1))).status).toBe(411);
    expect((await putChunk(gateway.url, upload, 2, first)).status).toBe(411);
    expect((await putChunk(gateway.url, upload, 0, last)).status).toBe(411);
    expect((await putChunk(gateway.url, upload, 0, new Uint8Array(0))).status).toBe(411);
    const room = await scene.room(ann);
    for (const bytes of [0, 16, STORED_CHUNK_BYTES + 16])
      expect((await ann.request('upload', { room, bytes }))?.error).toBe('bad_request');
  });

  it('have paths that lead nowhere else', async () => {
    const ann = await scene.person();
    const { file, ticket } = await scene.begun(ann);
    const paths = [
      `/v1/files/${file}/../0`,
      `/v1/files/..%2f..%2f/0`,
      `/v1/files/${file}/0.part`,
      `/v1/files/${file}/-1`,
      `/v1/files/${file}/00`,
      `/v1/files/${file}/1e0`,
      `/v1/files/${file}/%30`,
      `/v1/files/${file.toUpperCase()}x/0`,
      `/v1/files/${file}/0/0`,
      `/v1/files//0`,
    ];
    for (const path of paths) {
      const lines = ['Host: x', `Authorization: ${bearer(ticket)}`, 'Connection: close', '', ''];
      const answer = await rawHttp(gateway.url, [`GET ${path} HTTP/1.1`, ...lines].join('\r\n'));
      expect(answer, path).toMatch(/^HTTP\/1\.1 40[014] /);
    }
  });

  it('refuse headers that never end, and bodies of no length', async () => {
    const huge = `GET /v1/files/x/0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'a'.repeat(64 * 1024)}\r\n\r\n`;
    expect(await rawHttp(gateway.url, huge)).not.toMatch(/ 200 /);
    const ann = await scene.person();
    const { file, ticket } = await scene.begun(ann);
    const chunked = `PUT /v1/files/${file}/0 HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(ticket)}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    expect(await rawHttp(gateway.url, chunked)).not.toMatch(/ 20\d /);
    expect((await ann.ask('continue-upload', { file })).held).toEqual(new Uint8Array(1));
  });

  it('end their connection after each answer, which is whole, whatever the client asks for', async () => {
    const ann = await scene.person();
    const { file, ticket, room } = await scene.begun(ann, 30);
    const ask = (method: string, granted: Uint8Array, body = '') => {
      const lines = [
        `${method} /v1/files/${file}/0 HTTP/1.1`,
        'Host: x',
        `Authorization: ${bearer(granted)}`,
      ];
      const length = body === '' ? [] : [`Content-Length: ${body.length}`];
      return rawHttp(gateway.url, [...lines, 'Connection: keep-alive', ...length, '', body].join('\r\n'));
    };
    const body = 'b'.repeat(30);
    expect(await ask('PUT', ticket, body)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nContent-Length: 0\r\n\r\n$/);
    expect(await ask('OPTIONS', ticket)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nContent-Length: 0\r\n\r\n$/);
    await ann.ask('finish', { file });
    const download = await ann.ask('download', { room, file });
    expect(await ask('GET', download.ticket)).toMatch(
      new RegExp(`^HTTP/1\\.1 200 [\\s\\S]*\\r\\n\\r\\n${body}$`),
    );
    expect(await ask('PUT', ticket, body)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('are open to pages of allowed origins alone', async () => {
    const ann = await scene.person();
    const room = await scene.room(ann);
    const { file } = await uploadRaw(ann, gateway.url, room, 1_000);
    const { ticket } = await ann.ask('download', { room, file });
    const url = httpUrl(gateway.url, file, 0);
    const asPage = (method: string, Origin: string) =>
      fetch(url, { method, headers: { Origin, ...(method === 'GET' && { Authorization: bearer(ticket) }) } });
    const preflight = await asPage('OPTIONS', PAGE);
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization/i);
    const own = await asPage('GET', PAGE);
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    for (const method of ['GET', 'OPTIONS'])
      expect((await asPage(method, 'https://evil.example')).status).toBe(403);
  });

  it('are not taken by rooms that store nothing, nor from people outside', async () => {
    const [ann, eve] = [await scene.person(), await scene.person()];
    const silent = await scene.room(ann, 0);
    expect((await ann.request('upload', { room: silent, bytes: 1_000 }))?.error).toBe('forbidden');
    const room = await scene.room(ann);
    expect((await eve.request('upload', { room, bytes: 1_000 }))?.error).toBe('not_a_member');
    const { file } = await uploadRaw(ann, gateway.url, room, 1_000);
    const others = await scene.room(eve);
    expect((await eve.request('download', { room: others, file }))?.error).toBe('no_such_file');
  });

  it('of a deleted room are gone', async () => {
    const ann = await scene.person();
    const room = await scene.room(ann);
    const { file } = await uploadRaw(ann, gateway.url, room, FILE_BYTES);
    await ann.ask('delete', { room });
    await eventually(async () =>
      expect((await ann.request('discard', { room, file, uploader: ann.user }))?.error).toBe('no_such_file'),
    );
  });

  it('a reader that pauses gets a chunk whole, and takes no place of another', async () => {
    const ann = await scene.person();
    const room = await scene.room(ann);
    const { file, chunks } = await uploadRaw(ann, gateway.url, room, FILE_BYTES);
    const { ticket } = await ann.ask('download', { room, file });
    const read = 'conclave_file_transfers_total{direction="get",outcome="ok"}';
    const before = await gateway.metric(read);
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /v1/files/${file}/0 HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(ticket)}\r\n\r\n`);
    socket.pause();
    await eventually(async () => expect(await gateway.metric(read)).toBe(before + 1));
    expect(await gateway.metric('conclave_file_transfers')).toBe(0);
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.resume();
    await once(socket, 'close');
    const text = Buffer.concat(parts);
    const body = text.subarray(text.indexOf('\r\n\r\n') + 4);
    expect(Buffer.compare(body, chunks[0] ?? new Uint8Array())).toBe(0);
  });

  it('an upload that breaks off leaves nothing, and its place is free again', async () => {
    const ann = await scene.person();
    const { file, ticket } = await scene.begun(ann);
    const { hostname, port } = new URL(gateway.url);
    const aborted = 'conclave_file_transfers_total{direction="put",outcome="aborted"}';
    const before = await gateway.metric(aborted);
    const socket = connect(Number(port), hostname);
    socket.write(
      `PUT /v1/files/${file}/0 HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(ticket)}\r\nContent-Length: ${STORED_CHUNK_BYTES}\r\n\r\n`,
    );
    socket.write(randomBytes(1_000));
    await eventually(async () => expect(await gateway.metric('conclave_file_transfers')).toBe(1));
    socket.destroy();
    await eventually(async () => expect(await gateway.metric('conclave_file_transfers')).toBe(0));
    expect(await gateway.metric(aborted)).toBe(before + 1);
    expect((await ann.ask('continue-upload', { file })).held).toEqual(new Uint8Array(1));
  });
});
