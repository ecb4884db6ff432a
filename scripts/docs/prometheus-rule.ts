import { readFileSync } from 'node:fs';

/** Recording first: the alerts ask for what it computes. */
const ruleFiles: readonly string[] = ['recording.yml', 'alerts.yml'];

/** The rules that Prometheus reads in Compose, for the Prometheus Operator. */
export function prometheusRule(): string {
  const groups = ruleFiles.map((file) => {
    const [, text = ''] = readFileSync(`deploy/prometheus/rules/${file}`, 'utf8').split(/^groups:\n/m);
    return text.trimEnd().replace(/^(?=.)/gm, '  ');
  });
  return `# Generated from deploy/prometheus/rules by "npm run docs": change those.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: conclave
spec:
  groups:
${groups.join('\n\n')}
`;
}
