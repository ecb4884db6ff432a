import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type RunningServer, startServer } from '../../test/support/services/server-process.ts';

const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));

/** Names as deploy/prometheus/prometheus.yml looks them up in DNS; each becomes a file of targets. */
export type ScrapedName = 'gateway' | 'haproxy' | 'redis-exporter' | 'mongo-exporter' | 'alertmanager';

export interface Prometheus {
  readonly server: RunningServer;
  readonly url: string;
  /** ADDRESS:PORT each. */
  publish(name: ScrapedName, targets: readonly string[]): void;
}

/** The deployed configuration with another discovery: files in place of DNS. */
export function localPrometheusConfig(
  template: string,
  places: { readonly targetsDir: string; readonly rulesDir: string; readonly port: number },
): string {
  const discovery = /dns_sd_configs:\n( +)- names: \[([\w-]+)\]\n +type: A\n +port: \d+\n/g;
  return template
    .replace(discovery, (_all, indent: string, name: string) => {
      const file = join(places.targetsDir, `${name}.json`);
      return `file_sd_configs:\n${indent}- files: [${JSON.stringify(file)}]\n`;
    })
    .replace(/^ {2}- rules\//m, `  - ${places.rulesDir}/`)
    .replace('127.0.0.1:9090', `127.0.0.1:${places.port}`);
}

/** `everySeconds`: how often it scrapes and evaluates, in place of what is deployed. */
export async function startPrometheus(dir: string, everySeconds?: number): Promise<Prometheus> {
  const targetsDir = join(dir, 'targets');
  mkdirSync(targetsDir);
  const port = await freePort();
  const template = readFileSync(join(folder, 'prometheus.yml'), 'utf8');
  const config = localPrometheusConfig(template, { targetsDir, rulesDir: join(folder, 'rules'), port });
  const configFile = join(dir, 'prometheus.yml');
  const paced =
    everySeconds === undefined ? config : config.replace(/(interval|timeout): \d+s/g, `$1: ${everySeconds}s`);
  writeFileSync(configFile, paced);
  const server = await startServer(
    {
      name: 'prometheus',
      command: () => [
        'prometheus',
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(dir, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        // For k6, which writes what it measures.
        '--web.enable-remote-write-receiver',
        '--enable-feature=expand-external-labels',
        '--log.level=warn',
      ],
      url: () => `http://127.0.0.1:${port}`,
      probe: async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/-/ready`);
        if (!answer.ok) throw new Error('not ready');
      },
    },
    { dir, port },
  );
  return {
    server,
    url: server.url,
    publish: (name, targets) => {
      const file = join(targetsDir, `${name}.json`);
      // Renamed into place: it is read as soon as it changes.
      writeFileSync(`${file}.new`, JSON.stringify([{ targets }]));
      renameSync(`${file}.new`, file);
    },
  };
}
