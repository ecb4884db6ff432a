import type { ServerResponse } from 'node:http';

/** One JSON value and a line end; a HEAD request gets the headers only. `end`: closes the connection after it. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  {
    headers = {},
    end = false,
  }: { readonly headers?: Readonly<Record<string, string>>; readonly end?: boolean } = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  response
    .writeHead(status, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'Content-Length': Buffer.byteLength(text),
      ...(end && { Connection: 'close' }),
      ...headers,
    })
    .end(text);
}
