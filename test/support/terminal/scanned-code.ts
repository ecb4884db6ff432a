import jsqr from 'jsqr';

const MODULE_PIXELS = 6;
const [BLACK, WHITE] = [0, 255];

/** Takes a picture of a code in half blocks, with ink of this shade on the other, and gives what a scanner reads in it. */
export function scannedCode(rows: readonly string[], ink: 'dark' | 'light'): string | undefined {
  const width = (rows[0]?.length ?? 0) * MODULE_PIXELS;
  const height = rows.length * 2 * MODULE_PIXELS;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(WHITE);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const module = Math.floor(y / MODULE_PIXELS);
      const cell = rows[Math.floor(module / 2)]?.[Math.floor(x / MODULE_PIXELS)] ?? ' ';
      const isInk = (module % 2 === 0 ? '█▀' : '█▄').includes(cell);
      const pixel = (y * width + x) * 4;
      pixels.fill(isInk === (ink === 'dark') ? BLACK : WHITE, pixel, pixel + 3);
    }
  }
  return jsqr.default(pixels, width, height, { inversionAttempts: 'dontInvert' })?.data;
}
