import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { FaceFiles } from '../../chat/files/face-files.ts';
import { drawPicture, PictureViewer, withPictures } from './picture-viewer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-pictures-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = { ...process.env };
const running = new AbortController().signal;

test('a program draws a picture, and is refused where it fails or is missing', async () => {
  const file = join(folder, "it's; exit 1 .png");
  await writeFile(file, '');
  await drawPicture(file, { command: 'test -e', environment }, running);
  for (const command of ['false', 'no-such-viewer 2>/dev/null'])
    await expect(drawPicture(file, { command, environment }, running)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(command),
    });
});

test('a program that hangs on a picture is ended, and so is one when the client ends', async () => {
  const hanging = { command: 'tail -f', environment };
  await expect(drawPicture('/dev/null', { ...hanging, maxMs: 1 }, running)).rejects.toMatchObject({
    code: 'usage',
  });
  const viewer = new PictureViewer(hanging);
  const changes: unknown[] = [];
  const parts = {
    screen: { hasFrames: true, drawnBy: (work: () => Promise<void>) => work() },
    reader: { pausedDuring: <T>(work: () => Promise<T>) => work() },
    frames: { change: (change: object) => void changes.push(change) },
  };
  const shown = viewer.show('/dev/null', parts);
  viewer.close();
  await expect(shown).rejects.toMatchObject({ code: 'usage' });
  expect(changes).toEqual([{ bare: 'picture' }, { bare: undefined }]);
  const taken = viewer.show('/dev/null', { ...parts, screen: { ...parts.screen, hasFrames: false } });
  await expect(taken).rejects.toMatchObject({ message: expect.stringContaining('repeat /open') });
});

test('only files that are pictures by their names are drawn; links and other files are opened as before', async () => {
  const calls: string[] = [];
  const disk = { open: (what: string) => void calls.push(`open ${what}`) } as unknown as FaceFiles;
  const files = withPictures(disk, async (file) => void calls.push(`draw ${file}`));
  const opened = ['/tmp/a.PNG', '/tmp/a.png.sh', '/tmp/a.svg', 'https://example.org/a.png', '/tmp/b.jpeg'];
  for (const what of opened) files.open(what, () => expect.unreachable());
  await eventually(() =>
    expect(calls).toEqual(
      opened.map((what) => `${/^\/.*(?:PNG|jpeg)$/.test(what) ? 'draw' : 'open'} ${what}`),
    ),
  );
});
