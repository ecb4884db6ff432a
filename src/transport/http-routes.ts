import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { Health } from '../gateway/health.ts';
import { healthAnswer, healthPaths, nothingHere } from './health-answer.ts';

/** To be called before a response is ended. */
type Settle = (response: HttpResponse) => void;

/** The health routes on the clients' port, for GET and HEAD. Each answer ends its connection. */
export function addHealthRoutes(app: TemplatedApp, health: Health, settle: Settle): void {
  for (const path of healthPaths) {
    app.get(path, (response) => send(response, healthAnswer(path, health), 'with body', settle));
    app.head(path, (response) => send(response, healthAnswer(path, health), 'headers only', settle));
  }
}

export function addNotFound(app: TemplatedApp, settle: Settle): void {
  const answer = { status: 404, body: nothingHere };
  app.head('/*', (response) => send(response, answer, 'headers only', settle));
  app.any('/*', (response) => send(response, answer, 'with body', settle));
}

/** One JSON value and a line end. */
function send(
  response: HttpResponse,
  { status, body }: { readonly status: number; readonly body: object },
  what: 'with body' | 'headers only',
  settle: Settle,
): void {
  settle(response);
  const text = `${JSON.stringify(body)}\n`;
  response
    .writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`)
    .writeHeader('Content-Type', 'application/json')
    .writeHeader('Cache-Control', 'no-store');
  if (what === 'with body') {
    response.end(text, true);
    return;
  }
  // Given as its argument, the length makes endWithoutBody() wait for that many bytes.
  response.writeHeader('Content-Length', `${Buffer.byteLength(text)}`).endWithoutBody(undefined, true);
}
