import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { Health } from '../gateway/health.ts';
import { HEALTH_PATHS, healthAnswer, nothingHere } from './health-answer.ts';

/** To be called before a response is ended. */
type Settle = (response: HttpResponse) => void;

/** The health routes on the clients' port, for GET and HEAD. Each answer ends its connection. */
export function addHealthRoutes(app: TemplatedApp, health: Health, settle: Settle): void {
  for (const path of HEALTH_PATHS) {
    app.get(path, (response) => send(response, healthAnswer(path, health), 'with body', settle));
    app.head(path, (response) => send(response, healthAnswer(path, health), 'headers only', settle));
  }
}

export function addNotFound(app: TemplatedApp, settle: Settle): void {
  const answer = { status: 404, body: nothingHere };
  app.head('/*', (response) => send(response, answer, 'headers only', settle));
  app.any('/*', (response) => send(response, answer, 'with body', settle));
}

/** One JSON value and a line end; then the connection ends. */
function send(
  response: HttpResponse,
  { status, body }: { readonly status: number; readonly body: object },
  what: 'with body' | 'headers only',
  settle: Settle,
): void {
  const text = `${JSON.stringify(body)}\n`;
  const isWhole = what === 'with body';
  if (isWhole) settle(response);
  response
    .writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`)
    .writeHeader('Content-Type', 'application/json')
    .writeHeader('Cache-Control', 'no-store');
  if (isWhole) response.end(text, true);
  // The library sends the length and `Connection: close`, and then waits for a body until the client hangs up, 12 seconds at
  // most. It gives no way to end the connection after such an answer, so that until then the connection counts as pending.
  else response.endWithoutBody(Buffer.byteLength(text), true);
}
