import type { HttpResponse } from 'uWebSockets.js';

/** One JSON value and a line end. `end`: closes the connection after it. */
export function sendJson(
  response: HttpResponse,
  status: string,
  body: object,
  {
    headers = {},
    end = false,
  }: { readonly headers?: Readonly<Record<string, string>>; readonly end?: boolean } = {},
): void {
  response
    .writeStatus(status)
    .writeHeader('Content-Type', 'application/json')
    .writeHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
  response.end(`${JSON.stringify(body)}\n`, end);
}
