import type { ErrorName } from './codes.ts';
import type { FeatureName } from './features.ts';
import { ED25519_SIGNATURE_BYTES } from './limits.ts';
import { bytes, type MapShape, type Shape } from './shape.ts';

/** `greeting`: before hello. `greeted`: after it. `challenged`: a login waits for its answer. `open`: logged in. */
export type SessionState = 'greeting' | 'greeted' | 'challenged' | 'open';

/** One request of the table in requests.ts. */
export interface RequestEntry {
  readonly op: number;
  readonly states: readonly SessionState[];
  readonly about: string;
  /** Only gateways that name this feature know the operation. */
  readonly feature?: FeatureName;
  readonly body: MapShape<unknown>;
  readonly reply: MapShape<unknown>;
  /** Beside bad_request, unauthenticated, rate_limited and unavailable, which any request may meet. */
  readonly errors: readonly ErrorName[];
}

/** The states of a request that needs a login. */
export const open: readonly ['open'] = ['open'];

/** Ed25519, by the signing key of the account. */
export const signature: Shape<Uint8Array> = bytes(ED25519_SIGNATURE_BYTES);
