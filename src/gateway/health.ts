/** What the probes of load balancers and orchestrators are told. */
export interface Health {
  state(): HealthState;
}

export type HealthState =
  /** `degraded`: what this node can't do for now. Since no other can either, clients are as well off here. */
  | { readonly kind: 'ready'; readonly degraded: readonly 'files'[] }
  /** New connections should go elsewhere; those that exist are served. */
  | { readonly kind: 'draining' }
  | { readonly kind: 'not-ready'; readonly missing: readonly MissingService[] };

/** `disk`: the embedded store refuses writes, since the disk is nearly full. */
export type MissingService = 'broker' | 'stores' | 'disk';
