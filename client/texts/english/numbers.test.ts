import { expect, test } from 'vitest';
import { sized } from './numbers.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [99_499, '99.5 KB'],
  [300_000, '300 KB'],
  [999_600, '1.0 MB'],
  [1_400_000, '1.4 MB'],
  [1_073_741_824, '1.1 GB'],
  [5_000_000_000_000, '5000 GB'],
])('%i bytes are shown as %s', (bytes, shown) => {
  expect(sized(bytes)).toBe(shown);
});
