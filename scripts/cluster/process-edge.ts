import type { LocalCluster } from './local-cluster.ts';

/** What the caller's environment says about gateways, without the prefix; what makes them a cluster is not theirs to say. */
export function gatewaySettings(): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('CONCLAVE_') && value !== undefined) settings[name.slice('CONCLAVE_'.length)] = value;
  }
  return settings;
}

/** A process that ends without cleaning up must not leave gateways behind. */
export function killGatewaysAtExit(cluster: LocalCluster): void {
  process.once('exit', () => {
    for (const pid of cluster.gatewayPids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
  });
}
