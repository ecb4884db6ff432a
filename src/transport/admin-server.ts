import { App } from 'uWebSockets.js';
import type { Health } from '../gateway/health.ts';
import type { AdminAccess } from './admin-access.ts';
import { type ActionTaker, addAdminRoutes } from './admin-routes.ts';
import { addHealthRoutes, addMetricsRoute, addNotFound, type MetricsPage } from './http-routes.ts';
import { type Listener, listen } from './listen.ts';

export interface AdminServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly page: MetricsPage;
  readonly health: Health;
  readonly access: AdminAccess;
  readonly desk: ActionTaker;
}

export interface AdminServer extends Listener {
  close(): void;
}

/** `/metrics`, the health routes, and the actions of operators, on a port of their own. Throws ListenRefused. */
export async function openAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const app = App();
  addHealthRoutes(app, options.health);
  addMetricsRoute(app, options.page);
  addAdminRoutes(app, options.access, options.desk);
  addNotFound(app);
  const listener = await listen(app, options.host, options.port);
  return { port: listener.port, stop: () => listener.stop(), close: () => void app.close() };
}
