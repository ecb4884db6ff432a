import { App } from 'uWebSockets.js';
import type { Health } from '../gateway/health.ts';
import { addHealthRoutes, addMetricsRoute, addNotFound, type MetricsPage } from './http-routes.ts';
import { type Listener, listen } from './listen.ts';

export interface AdminServer extends Listener {
  close(): void;
}

/** `/metrics` and the health routes, on a port of their own. Throws ListenRefused. */
export async function openAdminServer(
  host: string,
  port: number,
  page: MetricsPage,
  health: Health,
): Promise<AdminServer> {
  const app = App();
  addHealthRoutes(app, health);
  addMetricsRoute(app, page);
  addNotFound(app);
  const listener = await listen(app, host, port);
  return { port: listener.port, stop: () => listener.stop(), close: () => void app.close() };
}
