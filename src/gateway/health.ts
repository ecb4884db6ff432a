/** What the probes of load balancers and orchestrators are told. */
export interface Health {
  state(): HealthState;
}

export type HealthState =
  | { readonly kind: 'ready' }
  /** New connections should go elsewhere; those that exist are served. */
  | { readonly kind: 'draining' }
  | { readonly kind: 'not-ready'; readonly missing: readonly MissingService[] };

/** `disk`: the embedded store refuses writes, since the disk is nearly full. */
export type MissingService = 'broker' | 'stores' | 'disk';
