import { DRAIN_SECONDS_CLUSTER, DRAIN_WAIT_SECONDS_CLUSTER } from '../../src/config/gateway-config.ts';
import { at, list } from './fields.ts';

/** Kinds that every overlay has for the gateways. */
const kinds: readonly string[] = [
  'Deployment',
  'Service',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'NetworkPolicy',
  'ServiceMonitor',
  'Ingress',
];

/** What the manifests promise and the schemas do not hold them to. */
export function kubernetesProblems(manifests: unknown): readonly string[] {
  const all = list(manifests);
  const problems: string[] = [];
  for (const kind of kinds)
    if (find(all, kind, 'gateway') === undefined) problems.push(`no ${kind} for the gateways`);
  for (const manifest of all) {
    const pod = at(manifest, 'spec.template.spec');
    if (pod === undefined) continue;
    const name = `${at(manifest, 'kind')} ${at(manifest, 'metadata.name')}`;
    const require = (holds: boolean, problem: string): void => {
      if (!holds) problems.push(`${name}: ${problem}`);
    };
    require(at(pod, 'enableServiceLinks') === false, 'service links are on');
    require(at(pod, 'securityContext.runAsNonRoot') === true, 'it may run as root');
    for (const container of list(at(pod, 'containers'))) {
      require(at(container, 'securityContext.readOnlyRootFilesystem') ===
        true, 'its file system can be written');
      require(at(container, 'securityContext.allowPrivilegeEscalation') === false, 'it may gain rights');
      require(at(container, 'resources.limits.memory') !== undefined, 'no memory limit');
    }
  }
  return [...problems, ...drainProblems(all)];
}

function find(all: readonly unknown[], kind: string, name: string): unknown {
  return all.find((one) => at(one, 'kind') === kind && String(at(one, 'metadata.name')).startsWith(name));
}

function drainProblems(all: readonly unknown[]): readonly string[] {
  const pod = at(find(all, 'Deployment', 'gateway'), 'spec.template.spec');
  const settings = at(find(all, 'ConfigMap', 'gateway'), 'data');
  const preStop = Number(at(list(at(pod, 'containers'))[0], 'lifecycle.preStop.sleep.seconds'));
  const wait = Number(at(settings, 'CONCLAVE_DRAIN_WAIT_SECONDS') ?? DRAIN_WAIT_SECONDS_CLUSTER);
  const drain = Number(at(settings, 'CONCLAVE_DRAIN_SECONDS') ?? DRAIN_SECONDS_CLUSTER);
  const grace = Number(at(pod, 'terminationGracePeriodSeconds'));
  const needed = preStop + wait + drain;
  return grace > needed ? [] : [`gateways are killed after ${grace} s; preStop and drain take ${needed} s`];
}
