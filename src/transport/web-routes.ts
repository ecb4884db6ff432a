import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { etagOf, pageHeaders } from '../page/page-headers.ts';
import { type ContentCoding, codingFor, type WebAsset } from '../page/web-page.ts';

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
  coding: ContentCoding | undefined,
  policy: string,
): HttpResponse {
  response.writeStatus(status);
  for (const [name, value] of pageHeaders(asset, coding, policy)) response.writeHeader(name, value);
  return response;
}
