import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { codingFor, type WebAsset } from './web-page.ts';

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

interface WebRoutesOptions {
  readonly assets: readonly WebAsset[];
  /** The Content-Security-Policy. */
  policy(): string;
  /** To be called before a response is ended. */
  settle(response: HttpResponse): void;
}

/** The page, on the port for clients. Each answer ends its connection, as those of the health routes do. */
export function addWebRoutes(app: TemplatedApp, { assets, policy, settle }: WebRoutesOptions): void {
  for (const asset of assets) {
    app.get(asset.path, (response, request) => {
      const known = request.getHeader('if-none-match');
      const coding = codingFor(asset, request.getHeader('accept-encoding'));
      settle(response);
      if (known === etagOf(asset, coding)) {
        head(response, '304 Not Modified', asset, coding, policy()).end('', true);
        return;
      }
      const body = (coding && asset.coded.get(coding)) ?? asset.body;
      head(response, '200 OK', asset, coding, policy()).end(body, true);
    });
    // As with other answers without a body, the connection counts as pending until the client hangs up.
    app.head(asset.path, (response, request) => {
      const coding = codingFor(asset, request.getHeader('accept-encoding'));
      const body = (coding && asset.coded.get(coding)) ?? asset.body;
      head(response, '200 OK', asset, coding, policy()).endWithoutBody(body.length, true);
    });
  }
}

function head(
  response: HttpResponse,
  status: string,
  asset: WebAsset,
  coding: ReturnType<typeof codingFor>,
  policy: string,
): HttpResponse {
  response
    .writeStatus(status)
    .writeHeader('Content-Type', asset.contentType)
    .writeHeader('Cache-Control', asset.isImmutable ? FOR_EVER : 'no-cache')
    .writeHeader('ETag', etagOf(asset, coding))
    .writeHeader('Vary', 'Accept-Encoding')
    .writeHeader('Content-Security-Policy', policy)
    .writeHeader('X-Content-Type-Options', 'nosniff')
    .writeHeader('Referrer-Policy', 'no-referrer')
    .writeHeader('Cross-Origin-Opener-Policy', 'same-origin')
    .writeHeader('Cross-Origin-Resource-Policy', 'same-origin')
    .writeHeader('Permissions-Policy', PERMISSIONS_POLICY);
  if (coding !== undefined) response.writeHeader('Content-Encoding', coding);
  return response;
}

/** Bytes that differ by their coding have tags that differ. */
function etagOf({ digest }: WebAsset, coding: string | undefined): string {
  return `"${digest.slice(0, 32)}${coding === undefined ? '' : `-${coding}`}"`;
}
