/** What the caller's environment says about gateways, without the prefix; what makes them a cluster is not theirs to say. */
export function gatewaySettings(): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('CONCLAVE_') && value !== undefined) settings[name.slice('CONCLAVE_'.length)] = value;
  }
  return settings;
}
