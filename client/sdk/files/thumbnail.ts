import { THUMBNAIL_BYTES_MAX, THUMBNAIL_SIDE_MAX } from '../../../src/protocol/limits.ts';

/** A thumbnail that may be handed to a decoder of pictures, as this type and as no other. */
export interface CheckedThumbnail {
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp';
  /** Pixels, as the decoder will find them. */
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Found = Omit<CheckedThumbnail, 'bytes'>;

const JPEG = 0xff_d8;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Looks at a thumbnail of somebody else before anything decodes it. What passes is one still JPEG, PNG or WebP of at most
 * THUMBNAIL_SIDE_MAX pixels a side that consists of nothing but its picture, from the first byte to the last: no metadata, no
 * comments, no second frame, nothing behind its end. Undefined: it is not shown. Never throws.
 */
export function checkedThumbnail(thumbnail: Uint8Array): CheckedThumbnail | undefined {
  if (thumbnail.length > THUMBNAIL_BYTES_MAX) return undefined;
  const bytes = new Uint8Array(thumbnail);
  const found = foundIn(bytes);
  return found !== undefined && isSide(found.width) && isSide(found.height) ? { ...found, bytes } : undefined;
}

function foundIn(bytes: Uint8Array): Found | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint16(0) === JPEG) return jpeg(view);
    if (PNG.every((byte, at) => bytes[at] === byte)) return png(view);
    return webp(view);
  } catch {
    // It ends too soon.
    return undefined;
  }
}

const isSide = (pixels: number): boolean => pixels >= 1 && pixels <= THUMBNAIL_SIDE_MAX;

/** The smallest header of JFIF, and no other application's segment: those hold metadata. */
const JPEG_JFIF = 0xe0;
const JFIF_BYTES = 18;
const JPEG_FRAMES = [0xc0, 0xc2];
/** Tables for Huffman codes and quantization, and the interval of restarts. */
const JPEG_TABLES = [0xc4, 0xdb, 0xdd];
const JPEG_SCAN = 0xda;
const JPEG_END = 0xd9;

function jpeg(view: DataView): Found | undefined {
  let found: Found | undefined;
  let isScanned = false;
  for (const segment of jpegSegments(view)) {
    const { at, end, marker } = segment;
    if (marker === JPEG_END) return isScanned && end === view.byteLength ? found : undefined;
    if (JPEG_FRAMES.includes(marker)) {
      if (found !== undefined) return undefined;
      found = { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    } else if (marker === JPEG_SCAN) isScanned = found !== undefined;
    else if (!isJfif(view, segment) && !JPEG_TABLES.includes(marker)) return undefined;
  }
  return undefined;
}

interface JpegSegment {
  /** Of its marker's first byte. */
  readonly at: number;
  /** Behind it; a scan's coded data is part of it. */
  readonly end: number;
  readonly marker: number;
}

/** From the first one to the end of the picture. Throws RangeError where the bytes end before. */
function* jpegSegments(view: DataView): Generator<JpegSegment, void> {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) throw new RangeError('there is no marker');
    const marker = view.getUint8(at + 1);
    const isEnd = marker === JPEG_END;
    let end = at + 2 + (isEnd ? 0 : view.getUint16(at + 2));
    if (marker === JPEG_SCAN) while (!isMarkerAt(view, end)) end += 1;
    yield { at, end, marker };
    if (isEnd) return;
    at = end;
  }
}

function isJfif(view: DataView, { at, end, marker }: JpegSegment): boolean {
  return marker === JPEG_JFIF && end - at === JFIF_BYTES && nameAt(view, at + 4) === 'JFIF';
}

/** Within coded data, 0xff is followed by 0, or by the number of a restart. */
function isMarkerAt(view: DataView, at: number): boolean {
  if (view.getUint8(at) !== 0xff) return false;
  const next = view.getUint8(at + 1);
  return next !== 0 && (next < 0xd0 || next > 0xd7);
}

/**
 * The same JPEG or WebP, which is a good one, without what cameras, programs and browsers say of themselves in it. Other formats
 * are left alone.
 */
export function withoutMetadata(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(picture.buffer, picture.byteOffset, picture.byteLength);
  if (view.getUint16(0) === JPEG) return plainJpeg(picture, view);
  return isWebp(view) ? plainWebp(picture, view) : new Uint8Array(picture);
}

function plainJpeg(picture: Uint8Array, view: DataView): Uint8Array<ArrayBuffer> {
  const kept: number[] = [...picture.subarray(0, 2)];
  for (const segment of jpegSegments(view))
    if (segment.marker < JPEG_JFIF || isJfif(view, segment))
      kept.push(...picture.subarray(segment.at, segment.end));
  return Uint8Array.from(kept);
}

/** The first picture in it, as a file of its own. */
function plainWebp(picture: Uint8Array, view: DataView): Uint8Array<ArrayBuffer> {
  let at = WEBP_HEAD;
  while (!WEBP_PICTURES.includes(nameAt(view, at))) at += 8 + evenUp(view.getUint32(at + 4, true));
  const chunk = picture.subarray(at, at + 8 + evenUp(view.getUint32(at + 4, true)));
  const plain = new Uint8Array(WEBP_HEAD + chunk.length);
  plain.set(picture.subarray(0, WEBP_HEAD));
  plain.set(chunk, WEBP_HEAD);
  new DataView(plain.buffer).setUint32(4, plain.length - 8, true);
  return plain;
}

/** Whatever else a PNG may hold is text, time, colour management or animation. */
const PNG_CHUNKS = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const PNG_CHUNK_AROUND = 12;

function png(view: DataView): Found | undefined {
  if (nameAt(view, PNG.length + 4) !== 'IHDR') return undefined;
  const found: Found = {
    type: 'image/png',
    width: view.getUint32(PNG.length + 8),
    height: view.getUint32(PNG.length + 12),
  };
  const names: string[] = [];
  for (let at = PNG.length; at < view.byteLength; ) {
    names.push(nameAt(view, at + 4));
    at += PNG_CHUNK_AROUND + view.getUint32(at);
    if (at > view.byteLength) return undefined;
  }
  const isPlain = names.every((name) => PNG_CHUNKS.includes(name)) && names.lastIndexOf('IHDR') === 0;
  return isPlain && names.indexOf('IEND') === names.length - 1 ? found : undefined;
}

const WEBP_HEAD = 12;
/** Lossy and lossless; the other chunks hold what goes with these. */
const WEBP_PICTURES = ['VP8 ', 'VP8L'];
const LOSSY_START = 0x9d_01_2a;
const LOSSLESS_SIGNATURE = 0x2f;
const SIDE_BITS = 0x3f_ff;

/** Of one chunk: animation, metadata and colour profiles are in files of several. */
function webp(view: DataView): Found | undefined {
  if (!isWebp(view) || view.getUint32(4, true) + 8 !== view.byteLength) return undefined;
  if (WEBP_HEAD + 8 + evenUp(view.getUint32(WEBP_HEAD + 4, true)) !== view.byteLength) return undefined;
  const at = WEBP_HEAD + 8;
  switch (nameAt(view, WEBP_HEAD)) {
    case 'VP8 ': {
      const isKeyFrame = view.getUint8(at) % 2 === 0;
      if (!isKeyFrame || view.getUint32(at + 2) % 2 ** 24 !== LOSSY_START) return undefined;
      const [width, height] = [view.getUint16(at + 6, true), view.getUint16(at + 8, true)];
      return { type: 'image/webp', width: width & SIDE_BITS, height: height & SIDE_BITS };
    }
    case 'VP8L': {
      if (view.getUint8(at) !== LOSSLESS_SIGNATURE) return undefined;
      const bits = view.getUint32(at + 1, true);
      return { type: 'image/webp', width: (bits & SIDE_BITS) + 1, height: ((bits >>> 14) & SIDE_BITS) + 1 };
    }
    default:
      return undefined;
  }
}

function isWebp(view: DataView): boolean {
  return nameAt(view, 0) === 'RIFF' && nameAt(view, 8) === 'WEBP';
}

const evenUp = (length: number): number => length + (length % 2);

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((next) => view.getUint8(at + next)));
}
