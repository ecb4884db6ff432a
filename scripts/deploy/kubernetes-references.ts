import { at, entries, list } from './fields.ts';

/** Keys by the name of a Secret. */
export type Secrets = ReadonlyMap<string, ReadonlySet<string>>;

/** Secrets as the commands `kubectl create secret` of a document make them. */
export function documentedSecrets(markdown: string): Secrets {
  const commands = markdown
    .replace(/\\\n/g, ' ')
    .matchAll(/kubectl -n \S+ create secret (generic|tls) (\S+)(.*)/g);
  return new Map(
    [...commands].map(([, kind, name = '', args = '']) => {
      const files = [...args.matchAll(/--from-file=\S*?([^/\s]+)(?=\s|$)/g)].map(([, file = '']) => file);
      return [name, new Set(kind === 'tls' ? ['tls.crt', 'tls.key'] : files)];
    }),
  );
}

/** What manifests name and nothing provides: an API server accepts it, and pods wait, or nobody reaches them. */
export function referenceProblems(manifests: unknown, secrets: Secrets): readonly string[] {
  const all = list(manifests);
  return all.flatMap((one) => {
    const problems = [
      ...podProblems(one, all, secrets),
      ...portProblems(one, all),
      ...nameProblems(one, all, secrets),
    ];
    return problems.map((problem) => `${at(one, 'kind')} ${at(one, 'metadata.name')}: ${problem}`);
  });
}

function named(all: readonly unknown[], kind: unknown, name: unknown): unknown {
  return all.find((one) => at(one, 'kind') === kind && at(one, 'metadata.name') === name);
}

function podProblems(workload: unknown, all: readonly unknown[], secrets: Secrets): readonly string[] {
  const pod = at(workload, 'spec.template.spec');
  if (pod === undefined) return [];
  const problems: string[] = [];
  const require = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const keysOf = (kind: 'ConfigMap' | 'Secret', name: unknown): ReadonlySet<string> => {
    const config = named(all, 'ConfigMap', name);
    const data = new Set(entries(at(config, 'data')).map(([key]) => key));
    const keys = kind === 'Secret' ? secrets.get(String(name)) : config === undefined ? undefined : data;
    require(keys !== undefined, `there is no ${kind} ${name}`);
    return keys ?? new Set();
  };
  // The files that a volume has.
  const volumes = new Map<unknown, ReadonlySet<unknown> | undefined>();
  for (const volume of list(at(pod, 'volumes'))) {
    const config = at(volume, 'configMap.name');
    const secret = at(volume, 'secret.secretName');
    const keys =
      config !== undefined
        ? keysOf('ConfigMap', config)
        : secret !== undefined
          ? keysOf('Secret', secret)
          : undefined;
    const items = list(at(volume, 'configMap.items') ?? at(volume, 'secret.items'));
    for (const item of items)
      require(keys?.has(String(at(item, 'key'))) === true, `${secret ?? config} has no ${at(item, 'key')}`);
    const paths = items.length > 0 ? new Set(items.map((item) => at(item, 'path'))) : keys;
    volumes.set(at(volume, 'name'), paths);
  }
  for (const claim of list(at(workload, 'spec.volumeClaimTemplates')))
    volumes.set(at(claim, 'metadata.name'), undefined);
  for (const container of list(at(pod, 'containers'))) {
    for (const source of list(at(container, 'envFrom'))) keysOf('ConfigMap', at(source, 'configMapRef.name'));
    for (const variable of list(at(container, 'env'))) {
      const secret = at(variable, 'valueFrom.secretKeyRef');
      const key = String(at(secret, 'key'));
      if (secret !== undefined)
        require(keysOf('Secret', at(secret, 'name')).has(key), `${at(secret, 'name')} has no ${key}`);
    }
    const words = [
      ...list(at(container, 'command')),
      ...list(at(container, 'args')),
      ...list(at(container, 'env')).map((variable) => at(variable, 'value')),
    ].map(String);
    for (const mount of list(at(container, 'volumeMounts'))) {
      const volume = at(mount, 'name');
      require(volumes.has(volume), `it mounts ${volume}, which is no volume of it`);
      const files = volumes.get(volume);
      if (files === undefined) continue;
      for (const word of words) {
        const [, file] = word.split(`${at(mount, 'mountPath')}/`);
        if (file !== undefined) require(files.has(file), `${word} is not in the volume ${volume}`);
      }
    }
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const port = at(container, `${probe}.httpGet.port`);
      if (port !== undefined)
        require(portsOf([workload]).has(port), `${probe} asks the port ${port}, which it has not`);
    }
  }
  return problems;
}

/** Names and numbers. */
function portsOf(workloads: readonly unknown[]): ReadonlySet<unknown> {
  const containers = workloads.flatMap((one) => list(at(one, 'spec.template.spec.containers')));
  const ports = containers.flatMap((container) => list(at(container, 'ports')));
  return new Set(ports.flatMap((port) => [at(port, 'name'), at(port, 'containerPort')]));
}

/** A selector with labels, expressions with `In`, or both, as monitors, policies and workloads have it. */
function meets(selector: unknown, labels: unknown): boolean {
  const own = new Map(entries(labels));
  return (
    entries(at(selector, 'matchLabels')).every(([key, value]) => own.get(key) === value) &&
    list(at(selector, 'matchExpressions')).every(
      (one) =>
        at(one, 'operator') === 'In' && list(at(one, 'values')).includes(own.get(String(at(one, 'key')))),
    )
  );
}

function portProblems(one: unknown, all: readonly unknown[]): readonly string[] {
  const podsOf = (selector: unknown): readonly unknown[] =>
    all.filter((other) => {
      const labels = at(other, 'spec.template.metadata.labels');
      return labels !== undefined && meets(selector, labels);
    });
  const without = (ports: readonly unknown[], pods: readonly unknown[], what: string): readonly string[] => {
    const problem = pods.length === 0 ? [`${what}: it meets no pod`] : [];
    const missing = ports.filter((port) => pods.some((pod) => !portsOf([pod]).has(port)));
    return [...problem, ...missing.map((port) => `${what}: no port ${port} at what it meets`)];
  };
  // In a namespace that is not ours.
  const isElsewhere = at(one, 'spec.namespaceSelector') !== undefined;
  switch (at(one, 'kind')) {
    case 'Service': {
      const ports = list(at(one, 'spec.ports')).map((port) => at(port, 'targetPort') ?? at(port, 'port'));
      return without(ports, podsOf({ matchLabels: at(one, 'spec.selector') }), 'its selector');
    }
    case 'NetworkPolicy': {
      const pods = podsOf(at(one, 'spec.podSelector'));
      const ingress = list(at(one, 'spec.ingress'));
      const ports = ingress.flatMap((rule) => list(at(rule, 'ports')).map((port) => at(port, 'port')));
      const peers = ingress
        .flatMap((rule) => list(at(rule, 'from')))
        .filter((peer) => at(peer, 'namespaceSelector') === undefined)
        .flatMap((peer) => without([], podsOf(at(peer, 'podSelector')), 'a peer'));
      // Of several workloads, each may have only some of the ports.
      return [...without(ports, pods, 'its selector'), ...peers];
    }
    case 'PodMonitor': {
      const ports = list(at(one, 'spec.podMetricsEndpoints')).map((endpoint) => at(endpoint, 'port'));
      return isElsewhere ? [] : without(ports, podsOf(at(one, 'spec.selector')), 'its selector');
    }
    case 'ServiceMonitor': {
      const services = all.filter(
        (other) =>
          at(other, 'kind') === 'Service' && meets(at(one, 'spec.selector'), at(other, 'metadata.labels')),
      );
      const names = new Set(
        services.flatMap((service) => list(at(service, 'spec.ports')).map((port) => at(port, 'name'))),
      );
      const ports = list(at(one, 'spec.endpoints')).map((endpoint) => at(endpoint, 'port'));
      return ports
        .filter((port) => !names.has(port))
        .map((port) => `no Service that it meets has a port ${port}`);
    }
    case 'Deployment':
    case 'StatefulSet':
    case 'PodDisruptionBudget':
      return without([], podsOf(at(one, 'spec.selector')), 'its selector');
    default:
      return [];
  }
}

function nameProblems(one: unknown, all: readonly unknown[], secrets: Secrets): readonly string[] {
  const problems: string[] = [];
  const service = (name: unknown, port?: unknown): void => {
    const found = named(all, 'Service', name);
    if (found === undefined) problems.push(`there is no Service ${name}`);
    else if (port !== undefined && !list(at(found, 'spec.ports')).some((own) => at(own, 'name') === port))
      problems.push(`the Service ${name} has no port ${port}`);
  };
  const scaled = at(one, 'spec.scaleTargetRef');
  if (scaled !== undefined && named(all, at(scaled, 'kind'), at(scaled, 'name')) === undefined)
    problems.push(`there is no ${at(scaled, 'kind')} ${at(scaled, 'name')}`);
  if (at(one, 'kind') === 'StatefulSet') service(at(one, 'spec.serviceName'));
  for (const host of list(at(one, 'spec.tls'))) {
    const secret = String(at(host, 'secretName'));
    if (secrets.get(secret)?.has('tls.crt') !== true) problems.push(`there is no certificate ${secret}`);
  }
  for (const rule of list(at(one, 'spec.rules')))
    for (const path of list(at(rule, 'http.paths')))
      service(at(path, 'backend.service.name'), at(path, 'backend.service.port.name'));
  // Pods of a StatefulSet, by the names that its Service gives them.
  const variables = list(at(one, 'spec.template.spec.containers')).flatMap((container) =>
    list(at(container, 'env')),
  );
  for (const host of variables.flatMap(
    (variable) => String(at(variable, 'value')).match(/\b[\w-]+-\d+\.[\w-]+(?=:\d)/g) ?? [],
  )) {
    const [, set, number, domain] = /^(.+)-(\d+)\.(.+)$/.exec(host) ?? [];
    const pods = named(all, 'StatefulSet', set);
    const isThere =
      at(pods, 'spec.serviceName') === domain && Number(number) < Number(at(pods, 'spec.replicas'));
    if (!isThere) problems.push(`there is no pod ${host}`);
  }
  return problems;
}
