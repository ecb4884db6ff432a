import type { Health } from '../gateway/health.ts';

/** What a probe gets: an HTTP status and a JSON body. HEAD gets the same without the body. */
export interface HealthAnswer {
  readonly status: 200 | 404 | 503;
  readonly body: object;
}

export const HEALTH_PATHS = ['/livez', '/readyz'] as const;
export type HealthPath = (typeof HEALTH_PATHS)[number];

export function isHealthPath(path: string): path is HealthPath {
  return HEALTH_PATHS.some((known) => known === path);
}

/**
 * `/livez`: 200 while the event loop turns. `/readyz`: 200 ready, if need be with what is degraded; 404 draining, on which HAProxy's `disable-on-404`
 * stops new connections and keeps the old; 503 with what is missing.
 */
export function healthAnswer(path: HealthPath, health: Health): HealthAnswer {
  if (path === '/livez') return { status: 200, body: { alive: true } };
  const state = health.state();
  switch (state.kind) {
    case 'ready':
      return {
        status: 200,
        body: { ready: true, ...(state.degraded.length > 0 && { degraded: state.degraded }) },
      };
    case 'draining':
      return { status: 404, body: { draining: true } };
    case 'not-ready':
      return { status: 503, body: { missing: state.missing } };
    default:
      return state satisfies never;
  }
}

export const nothingHere = { error: 'not_found', message: 'there is nothing here' } as const;
