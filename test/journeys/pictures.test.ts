import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkedThumbnail } from '../../client/sdk/files/thumbnail.ts';
import { THUMBNAIL_BYTES_MAX } from '../../src/protocol/limits.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { animatedWebp, jpegOfABrowser, png } from '../support/pictures.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

const SECRET_PLACE = 'taken at home';
/** EXIF that says that a camera lay on its side, and, in a comment, where. */
const EXIF = Buffer.concat([
  Buffer.from(
    'ffe10022457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100060000' + '00000000',
    'hex',
  ),
  Buffer.from([0xff, 0xfe, 0, SECRET_PLACE.length + 2]),
  Buffer.from(SECRET_PLACE),
]);

/** A picture of a sunset in a browser, 1,200 × 900 pixels, that a camera lying on its side took. */
async function photograph({ page }: PageUser): Promise<Buffer> {
  const drawn: string = await page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(1200, 900);
    const context = canvas.getContext('2d');
    const sky = context.createLinearGradient(0, 0, 0, 900);
    sky.addColorStop(0, '#204080');
    sky.addColorStop(1, '#ff8040');
    context.fillStyle = sky;
    context.fillRect(0, 0, 1200, 900);
    for (let at = 0; at < 4000; at += 1) {
      context.fillStyle = 'hsl(' + ((at * 37) % 360) + ' 60% ' + (20 + (at % 60)) + '%)';
      context.fillRect((at * 7919) % 1200, 450 + ((at * 104729) % 450), 9, 5);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  })()`);
  const bytes = Buffer.from(drawn, 'base64');
  return Buffer.concat([bytes.subarray(0, 2), EXIF, bytes.subarray(2)]);
}

interface ShownPreview {
  readonly src: string;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly width: number;
  readonly height: number;
}

/** What a preview shows, once it is decoded. */
async function shownPreview({ page }: PageUser, name: string): Promise<ShownPreview> {
  await page.getByRole('img', { name: `Preview of ${name}` }).waitFor();
  const found: Promise<ShownPreview> = page.evaluate(`(async () => {
    const image = document.querySelector('img[alt="Preview of ${name}"]');
    await image.decode();
    const { src, naturalWidth, naturalHeight, width, height } = image;
    return { src, naturalWidth, naturalHeight, width, height };
  })()`);
  return found;
}

describe('pictures on the page', () => {
  const web = pages();

  test('are seen small before they are fetched, the right way up and without what else is in their files', async () => {
    const stage = await web.scene('carol');
    await using people = new People();
    const bob = await people.register('bob', stage.gateway.url);
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const eve = await web.register(stage.gateway.url, 'eve', { path: '/#room=Lobby' });
    await eve.isIn('Lobby');
    await bob.client.join('Lobby');
    const room = await bob.client.room('Lobby');
    const picture = await photograph(ada);
    await ada.page
      .getByLabel('Send files')
      .setInputFiles({ name: 'sunset.jpg', mimeType: 'image/jpeg', buffer: picture });
    await ada.button('send it').click();

    for (const user of [ada, eve]) {
      const shown = await shownPreview(user, 'sunset.jpg');
      expect([shown.naturalWidth, shown.naturalHeight]).toEqual([120, 160]);
      expect(Math.abs(shown.width / shown.height - 3 / 4)).toBeLessThan(0.02);
      expect(shown.src).toMatch(/^blob:/);
      expect(await axeFaults(user.page)).toEqual([]);
      expect(user.complaints).toEqual([]);
    }
    await ada.page
      .getByText(/sunset\.jpg.*900 × 1200/)
      .first()
      .waitFor();
    const { messages } = await room.history({ after: 0 });
    const [file] = messages.flatMap((each) => (each.type === 'message' ? (each.files ?? []) : []));
    const thumbnail = Buffer.from(file?.thumbnail ?? expect.unreachable());
    expect(thumbnail.length).toBeLessThanOrEqual(THUMBNAIL_BYTES_MAX);
    expect(checkedThumbnail(thumbnail)).toMatchObject({ width: 120, height: 160 });
    expect(thumbnail.includes(SECRET_PLACE)).toBe(false);

    await stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--save-files', stage.folder);
    expect(readFileSync(join(stage.folder, 'sunset.jpg')).equals(picture)).toBe(true);
    await eve.page.reload();
    await eve.isIn('Lobby');
    await shownPreview(eve, 'sunset.jpg');
  });

  test('of the command line, and drawings, are files like any other', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const file = join(stage.folder, 'chart.png');
    writeFileSync(file, png(64, 48));
    await stage.done('carol', 'send', 'Lobby', '--file', file);
    await ada.button('Save chart.png').waitFor();
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const [name, mimeType] of [
      ['drawing.svg', 'image/svg+xml'],
      ['disguised.png', 'image/png'],
    ] as const) {
      await ada.page.getByLabel('Send files').setInputFiles({ name, mimeType, buffer: Buffer.from(drawing) });
      await ada.button('send it').click();
      await ada.button(`Save ${name}`).waitFor();
    }
    await ada.page
      .getByLabel('Send files')
      .setInputFiles({ name: 'vast.png', mimeType: 'image/png', buffer: Buffer.from(png(30_000, 30_000)) });
    await ada.button('send it').click();
    await ada.button('Save vast.png').waitFor();
    expect(await ada.log.getByRole('img', { name: /^Preview/ }).count()).toBe(0);
    expect(ada.complaints).toEqual([]);
  });

  test('with thumbnails that are none, or would fill the memory, are shown without a preview', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    await using people = new People();
    const mallory = await people.register('mallory', stage.gateway.url);
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await mallory.client.join('Lobby');
    const room = await mallory.client.room('Lobby');
    const source = { type: 'image/png', size: 1, read: async () => Uint8Array.of(1) };
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>';
    const unfit: Readonly<Record<string, Uint8Array>> = {
      'drawing.png': Buffer.from(svg),
      'page.png': Buffer.from('<!doctype html><img src=x onerror=alert(1)>'),
      'polyglot.jpg': Buffer.concat([jpegOfABrowser, Buffer.from(svg)]),
      'bomb.png': png(30_000, 30_000).subarray(0, THUMBNAIL_BYTES_MAX),
      'film.webp': animatedWebp,
      'empty.png': new Uint8Array(),
    };
    for (const [name, thumbnail] of Object.entries(unfit)) {
      const file = await room.upload({ ...source, name });
      await room.send('', { files: [{ ...file, thumbnail }] });
    }
    const fit = await room.upload({ ...source, name: 'fit.png' });
    await room.send('', { files: [{ ...fit, thumbnail: png(40, 30) }] });
    expect(await shownPreview(ada, 'fit.png')).toMatchObject({ naturalWidth: 40, naturalHeight: 30 });
    for (const name of Object.keys(unfit)) await ada.button(`Save ${name}`).waitFor();
    await eventually(async () =>
      expect(await ada.log.getByRole('img', { name: /^Preview/ }).count()).toBe(1),
    );
    expect(ada.complaints).toEqual([]);
  });
});
