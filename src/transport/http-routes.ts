import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Health } from '../gateway/health.ts';
import { sendJson } from './send-json.ts';

type Answer = (response: HttpResponse, status: string, body: object) => void;

/**
 * `/livez`: 200 while the event loop turns. `/readyz`: 200 ready; 404 draining, on which HAProxy's `disable-on-404`
 * stops new connections and keeps the old; 503 with what is missing.
 */
export function addHealthRoutes(app: TemplatedApp, health: Health, answer: Answer = sendJson): void {
  app.get('/livez', (response) => answer(response, '200 OK', { alive: true }));
  app.get('/readyz', (response) => {
    const state = health.state();
    switch (state.kind) {
      case 'ready':
        return answer(response, '200 OK', { ready: true });
      case 'draining':
        return answer(response, '404 Not Found', { draining: true });
      case 'not-ready':
        return answer(response, '503 Service Unavailable', { missing: state.missing });
      default:
        return state satisfies never;
    }
  });
}

export function addNotFound(app: TemplatedApp, answer: Answer = sendJson): void {
  app.any('/*', (response) =>
    answer(response, '404 Not Found', { error: 'not_found', message: 'there is nothing here' }),
  );
}

export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export function addMetricsRoute(app: TemplatedApp, page: MetricsPage): void {
  app.get('/metrics', (response) => {
    let aborted = false;
    response.onAborted(() => {
      aborted = true;
    });
    const answer = (status: string, contentType: string, body: string): void => {
      if (aborted) return;
      response.cork(() => response.writeStatus(status).writeHeader('Content-Type', contentType).end(body));
    };
    page.text().then(
      (text) => answer('200 OK', page.contentType, text),
      () => answer('500 Internal Server Error', 'text/plain', 'the metrics could not be read\n'),
    );
  });
}
