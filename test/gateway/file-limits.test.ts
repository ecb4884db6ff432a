import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { bearer, getChunk, putChunk, randomChunks } from '../support/raw-file.ts';
import { fileScene } from './file-scene.ts';
import { startLiveGateway } from './live-gateway.ts';

describe('limits of files', () => {
  it('are told before an upload, and refuse what is beyond them', async () => {
    await using small = await startLiveGateway({
      MAX_FILE_BYTES: '1048576',
      MAX_UPLOADS_PER_USER: '2',
      MAX_FILE_TRANSFERS: '1',
      RATE_DOWNLOAD_BYTES_USER: '1000/day',
    });
    const scene = await fileScene(small);
    const fresh = await small.connect();
    expect((await fresh.hello())?.ok?.limits.fileBytes).toBe(1_048_576);
    const ann = await scene.person();
    const room = await scene.room(ann);
    expect((await ann.request('upload', { room, bytes: 1_048_577 }))?.error).toBe('too_large');
    const begun = await ann.ask('upload', { room, bytes: 1_000 });
    await ann.ask('upload', { room, bytes: 1_000 });
    expect((await ann.request('upload', { room, bytes: 1_000 }))?.error).toBe('too_many_uploads');
    const [chunk = new Uint8Array()] = randomChunks(1_000);
    const { hostname, port } = new URL(small.url);
    const slow = connect(Number(port), hostname);
    slow.write(
      `PUT /v1/files/${begun.file}/0 HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(begun.ticket)}\r\nContent-Length: 1000\r\n\r\n`,
    );
    await eventually(async () => expect(await small.metric('conclave_file_transfers')).toBe(1));
    const busy = await putChunk(small.url, begun, 0, chunk);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    slow.destroy();
    await eventually(async () => expect((await putChunk(small.url, begun, 0, chunk)).status).toBe(200));
    await ann.ask('finish', { file: begun.file });
    const { ticket } = await ann.ask('download', { room, file: begun.file });
    expect((await getChunk(small.url, { file: begun.file, ticket }, 0)).status).toBe(200);
    const over = await getChunk(small.url, { file: begun.file, ticket }, 0);
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(1_000);
  });

  it('count what users upload, by user, by room and together', async () => {
    for (const key of ['RATE_UPLOAD_BYTES_USER', 'RATE_UPLOAD_BYTES_ROOM', 'RATE_UPLOAD_BYTES_ALL']) {
      await using small = await startLiveGateway({ [key]: '3000/day' });
      const scene = await fileScene(small);
      const ann = await scene.person();
      const room = await scene.room(ann);
      await ann.ask('upload', { room, bytes: 2_000 });
      const over = await ann.request('upload', { room, bytes: 2_000 });
      expect([over?.error, (over?.retryAfterMs ?? 0) > 0], key).toEqual(['rate_limited', true]);
      await ann.ask('upload', { room, bytes: 1_000 });
      const elsewhere = await ann.request('upload', { room: await scene.room(ann), bytes: 1_000 });
      expect(elsewhere?.error, key).toBe(key === 'RATE_UPLOAD_BYTES_ROOM' ? undefined : 'rate_limited');
    }
  });

  it('a gateway whose operator disabled files names no feature and refuses them', async () => {
    await using without = await startLiveGateway({ DISABLED_FEATURES: 'files' });
    const scene = await fileScene(without);
    const fresh = await without.connect();
    const hello = (await fresh.hello())?.ok;
    expect(hello?.features).not.toContain('files');
    expect(hello?.limits.fileBytes).toBeUndefined();
    const ann = await scene.person();
    const room = await scene.room(ann);
    expect((await ann.request('upload', { room, bytes: 1_000 }))?.error).toBe('forbidden');
  });
});
