import { findInPath } from '../programs/find-in-path.ts';
import { type RunningServer, startServer } from '../services/server-process.ts';

/** The exporter that deploy/ runs, under the names of Debian and of its authors. */
const programs: readonly string[] = ['prometheus-redis-exporter', 'redis_exporter'];

export function startRedisExporter(redisUrl: string): Promise<RunningServer> {
  const program = programs.find((name) => findInPath(name) !== undefined);
  if (program === undefined) {
    throw new Error(
      'the Redis exporter is missing: run "sudo apt-get install prometheus-redis-exporter", or put redis_exporter on the PATH',
    );
  }
  return startServer(
    {
      name: 'redis-exporter',
      command: (port) => [program, '-redis.addr', redisUrl, '-web.listen-address', `127.0.0.1:${port}`],
      url: (port) => `http://127.0.0.1:${port}`,
      probe: async (port) => {
        const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        if (!page.includes('redis_up 1')) throw new Error('not ready');
      },
    },
    {},
  );
}
