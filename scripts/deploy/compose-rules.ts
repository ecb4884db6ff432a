import { at, entries, list } from './fields.ts';

const secretKey = /(PASSWORD|TOKEN|SECRET|SECRET_ACCESS_KEY|_URL)$/;

/** Services that are reached from outside: clients come by the first, and this machine's operator by the others. */
const published: ReadonlyMap<string, (port: unknown) => boolean> = new Map([
  ['haproxy', () => true],
  ['prometheus', (port: unknown) => at(port, 'host_ip') === '127.0.0.1'],
  ['alertmanager', (port: unknown) => at(port, 'host_ip') === '127.0.0.1'],
  ['grafana', (port: unknown) => at(port, 'host_ip') === '127.0.0.1'],
]);

/** Addresses of services that ask for no password. */
const openAddresses: ReadonlySet<string> = new Set(['CONCLAVE_DOCS_URL', 'K6_PROMETHEUS_RW_SERVER_URL']);

const runOnce: ReadonlySet<string> = new Set(['mongo-setup', 'load-prepare', 'k6']);

/** What the Compose file promises and the format does not hold it to. */
export function composeProblems(project: unknown): readonly string[] {
  const problems: string[] = [];
  for (const [name, service] of entries(at(project, 'services'))) {
    const require = (holds: boolean, problem: string): void => {
      if (!holds) problems.push(`${name}: ${problem}`);
    };
    require(at(service, 'read_only') === true, 'its file system can be written');
    require(at(service, 'init') === true, 'no init');
    require(list(at(service, 'cap_drop')).includes('ALL'), 'it keeps capabilities');
    require(at(service, 'deploy.resources.limits.memory') !== undefined, 'no memory limit');
    require(at(service, 'deploy.resources.limits.cpus') !== undefined, 'no CPU limit');
    require(at(service, 'privileged') === undefined, 'it is privileged');
    if (!runOnce.has(name)) require(at(service, 'restart') === 'unless-stopped', 'it is not restarted');
    const isOurs = published.get(name);
    for (const port of list(at(service, 'ports')))
      require(isOurs?.(port) === true, `it publishes a port: ${JSON.stringify(port)}`);
    for (const [key, value] of entries(at(service, 'environment')))
      require(value === null ||
        openAddresses.has(key) ||
        !secretKey.test(key), `${key} is not given as a file`);
  }
  for (const name of ['inner', 'data'])
    if (at(project, `networks.${name}.internal`) !== true) problems.push(`network ${name} has a way out`);
  return [...problems, ...gatewayProblems(at(project, 'services.gateway'))];
}

function gatewayProblems(gateway: unknown): readonly string[] {
  const seconds = (key: string): number => Number(at(gateway, `environment.CONCLAVE_${key}`));
  const drain = seconds('DRAIN_WAIT_SECONDS') + seconds('DRAIN_SECONDS');
  const grace = /^(\d+)s$/.exec(String(at(gateway, 'stop_grace_period')))?.[1];
  const problems: string[] = [];
  if (!(Number(grace) > drain))
    problems.push(`gateway: it is killed after ${grace} s, within its drain of ${drain} s`);
  if (!(Number(at(gateway, 'ulimits.nofile.single') ?? at(gateway, 'ulimits.nofile')) >= 65_536))
    problems.push('gateway: too few files for its connections');
  return problems;
}
