import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { PICTURE_SIDE_MAX } from '../../../src/protocol/limits.ts';

/** The size of a picture stands in its beginning; profiles of cameras may stand before it. */
export const PICTURE_HEAD_BYTES: number = 256 * 1024;
/** Of EXIF: these lie on their side. */
const LYING_FROM = 5;

/** Pixels of a picture as it is shown, from its beginning; nothing for what is none. Never throws. */
export async function pictureSize(head: Uint8Array): Promise<Pick<SharedFile, 'width' | 'height'>> {
  const { imageSize } = await import('image-size');
  try {
    const { width, height, orientation = 1 } = imageSize(head);
    if (![width, height].every(isSide)) return {};
    return orientation < LYING_FROM ? { width, height } : { width: height, height: width };
  } catch {
    return {};
  }
}

function isSide(pixels: unknown): boolean {
  return Number.isSafeInteger(pixels) && Number(pixels) > 0 && Number(pixels) <= PICTURE_SIDE_MAX;
}
