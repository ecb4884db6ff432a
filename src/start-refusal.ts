import { StartRefused } from './ports/backend.ts';
import { ListenRefused } from './transport/listen-refused.ts';
import { TlsRefused } from './transport/tls-files.ts';

/** Why a gateway does not start, for whoever started it. */
export interface StartRefusal {
  readonly kind: 'refused';
  readonly why: 'configuration' | 'in_use';
  readonly reason: string;
}

/** Undefined for what is a bug. */
export function refusalOf(error: unknown): StartRefusal | undefined {
  if (error instanceof ListenRefused) return { kind: 'refused', why: error.why, reason: error.message };
  if (error instanceof TlsRefused) return { kind: 'refused', why: 'configuration', reason: error.message };
  if (!(error instanceof StartRefused)) return undefined;
  const why = error.reason === 'data_dir_in_use' ? 'in_use' : 'configuration';
  return { kind: 'refused', why, reason: error.message };
}
