import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentedSecrets, referenceProblems } from '../../scripts/deploy/kubernetes-references.ts';
import { FIRST_TIME_MS } from '../load/load-process.ts';
import { goProgram } from '../support/programs/go-program.ts';

const run = promisify(execFile);
/** What docs/operations.md tells an operator to make before the manifests. */
const secrets = documentedSecrets(readFileSync('docs/operations.md', 'utf8'));

describe.each(['small', 'large'])('the overlay %s of Kubernetes, as kustomize builds it', (overlay) => {
  let built = '';

  beforeAll(async () => {
    const reader = await goProgram('test/deploy/manifest-reader', () => undefined);
    if (!reader.ok) expect.unreachable(reader.problem);
    const args = ['kustomize', `deploy/kubernetes/overlays/${overlay}`];
    built = (await run(reader.path, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  }, FIRST_TIME_MS);

  test('names only Services, ports, ConfigMaps, Secrets, files and pods that are there', () => {
    expect(referenceProblems(JSON.parse(built), secrets)).toEqual([]);
  });

  test.each([
    [
      'a label of pods',
      '"template":{"metadata":{"labels":{"app.kubernetes.io/component":"gateway"',
      '"template":{"metadata":{"labels":{"app.kubernetes.io/component":"node"',
      'Service gateway: its selector: it meets no pod',
    ],
    [
      'a label of a Service',
      '"Service","metadata":{"labels":{"app.kubernetes.io/component":"gateway"',
      '"Service","metadata":{"labels":{"app.kubernetes.io/component":"node"',
      'ServiceMonitor gateway: no Service',
    ],
    [
      'a port of a container',
      '"containerPort":8080,"name":"clients"',
      '"containerPort":8080,"name":"people"',
      'Service gateway: its selector: no port clients',
    ],
    [
      'a port that the Ingress names',
      '"port":{"name":"clients"}',
      '"port":{"name":"http"}',
      'has no port http',
    ],
    [
      'a Service that the Ingress names',
      '"service":{"name":"gateway"',
      '"service":{"name":"gate"',
      'no Service gate',
    ],
    ['a certificate', '"secretName":"conclave-tls"', '"secretName":"tls"', 'no certificate tls'],
    ['a Secret', '"secretName":"conclave-gateway"', '"secretName":"gateway"', 'no Secret gateway'],
    ['a file of a Secret', '/secrets/mongodb-url', '/secrets/mongo-url', '/secrets/mongo-url is not in'],
    [
      'a key of a Secret',
      '"key":"redis-exporter-password"',
      '"key":"password"',
      'conclave-redis has no password',
    ],
    ['a ConfigMap', '"configMapRef":{"name":"gateway', '"configMapRef":{"name":"other', 'no ConfigMap other'],
    ['a file of a ConfigMap', '/config/collector.yml', '/config/agent.yml', '/config/agent.yml is not in'],
    ['a volume', '"mountPath":"/tmp","name":"tmp"', '"mountPath":"/tmp","name":"scratch"', 'mounts scratch'],
    [
      'the port of a probe',
      '"path":"/livez","port":"admin"',
      '"path":"/livez","port":"status"',
      'asks the port status',
    ],
    [
      'what is scaled',
      '"kind":"Deployment","name":"gateway"}',
      '"kind":"Deployment","name":"gate"}',
      'no Deployment gate',
    ],
  ])('is refused with another name of %s in one place only', (_what, from, to, problem) => {
    expect(built).toContain(from);
    const problems = referenceProblems(JSON.parse(built.replace(from, to)), secrets);
    expect(problems.join('\n')).toContain(problem);
  });
});

test('pods of a StatefulSet that a variable names are counted', () => {
  const job = (host: string): unknown => ({
    kind: 'Job',
    metadata: { name: 'create' },
    spec: { template: { spec: { containers: [{ env: [{ name: 'NODES', value: `${host}:6379` }] }] } } },
  });
  const pods = {
    kind: 'StatefulSet',
    metadata: { name: 'redis' },
    spec: {
      serviceName: 'nodes',
      replicas: 2,
      selector: { matchLabels: { app: 'redis' } },
      template: { metadata: { labels: { app: 'redis' } } },
    },
  };
  const service = { kind: 'Service', metadata: { name: 'nodes' }, spec: { selector: { app: 'redis' } } };
  const problemsOf = (host: string): readonly string[] =>
    referenceProblems([job(host), pods, service], new Map());
  expect(problemsOf('redis-1.nodes')).toEqual([]);
  for (const host of ['redis-2.nodes', 'redis-1.node', 'other-0.nodes'])
    expect(problemsOf(host)).toEqual([`Job create: there is no pod ${host}`]);
});
