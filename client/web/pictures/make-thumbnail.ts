import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { PICTURE_HEAD_BYTES, pictureSize } from '../../chat/files/picture-size.ts';
import { checkedThumbnail, withoutMetadata } from '../../sdk/files/thumbnail.ts';

/** A browser takes four bytes for each pixel of what it decodes. Larger pictures are sent as they are, without a thumbnail. */
const DECODED_PIXELS_MAX = 50_000_000;
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** From the best to the smallest: the first one that fits into a message is taken. */
const SIDES = [160, 128, 96, 64, 32];
const QUALITIES = [0.7, 0.5, 0.3, 0.15];
/** A browser that cannot write the first one writes PNG instead. */
const TYPES = ['image/webp', 'image/jpeg'];

export type PictureFacts = Pick<SharedFile, 'width' | 'height' | 'thumbnail'>;

/**
 * What a message says of a picture besides its name: its size in pixels, and a small picture of it, drawn anew so that nothing else
 * of the file is in it, neither where it was taken nor with what. Nothing for what is no picture. Never rejects.
 */
export async function pictureFacts(file: Blob): Promise<PictureFacts> {
  try {
    const size = await pictureSize(new Uint8Array(await file.slice(0, PICTURE_HEAD_BYTES).arrayBuffer()));
    const { width, height } = size;
    if (width === undefined || height === undefined) return {};
    if (width * height > DECODED_PIXELS_MAX || file.size > FILE_BYTES_MAX) return size;
    const thumbnail = await thumbnailOf(file);
    return { ...size, ...(thumbnail !== undefined && { thumbnail }) };
  } catch {
    // What the browser cannot read or decode is sent like any other file.
    return {};
  }
}

async function thumbnailOf(file: Blob): Promise<Uint8Array | undefined> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  try {
    for (const side of SIDES) {
      const canvas = drawn(picture, side);
      for (const type of TYPES)
        for (const quality of QUALITIES) {
          const found = await encoded(canvas, type, quality);
          if (found !== undefined) return found;
        }
    }
    return undefined;
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, side: number): OffscreenCanvas {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new TypeError('there is no canvas');
  // What one could see through would be black in a JPEG.
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

/** Undefined: this one is too large, or none that readers show. */
async function encoded(
  canvas: OffscreenCanvas,
  type: string,
  quality: number,
): Promise<Uint8Array | undefined> {
  const blob = await canvas.convertToBlob({ type, quality });
  if (blob.type !== type) return undefined;
  return checkedThumbnail(withoutMetadata(new Uint8Array(await blob.arrayBuffer())))?.bytes;
}
