import type { ContentCoding, WebAsset } from './web-page.ts';

/** What the page never needs. */
const PERMISSIONS_POLICY = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');
/** A name with a hash in it means the same for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** What each file of the page is served with. */
export function pageHeaders(
  asset: WebAsset,
  coding: ContentCoding | undefined,
  policy: string,
): readonly (readonly [name: string, value: string])[] {
  return [
    ['Content-Type', asset.contentType],
    ['Cache-Control', asset.isImmutable ? FOR_EVER : 'no-cache'],
    ['ETag', etagOf(asset, coding)],
    ['Vary', 'Accept-Encoding'],
    ['Content-Security-Policy', policy],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Permissions-Policy', PERMISSIONS_POLICY],
    ...(coding === undefined ? [] : [['Content-Encoding', coding] as const]),
  ];
}

/** Bytes that differ by their coding have tags that differ. */
export function etagOf({ digest }: WebAsset, coding: ContentCoding | undefined): string {
  return `"${digest.slice(0, 32)}${coding === undefined ? '' : `-${coding}`}"`;
}

/** `connects`: addresses of this server, `ws://host:port`. Nothing of the page comes from elsewhere or goes there. */
export function contentSecurityPolicy(connects: readonly string[]): string {
  // A policy cannot name an IPv6 address; from such a page, 'self' means it.
  const named = connects.filter((address) => !address.includes('['));
  return [
    "default-src 'none'",
    "script-src 'self'",
    // A service worker would outlive the files that it came with.
    "worker-src 'none'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "manifest-src 'self'",
    `connect-src ${["'self'", ...named].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
