import type { BackendErrorReason } from '../../ports/telemetry.ts';
import { elementsOf } from './xml-elements.ts';

/** S3 answered, and refused. The message holds its code alone: what else it says may hold names. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';
  readonly status: number;
  /** As in https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; empty: the answer has none. */
  readonly code: string;

  constructor(status: number, body: Uint8Array) {
    const [code = ''] = elementsOf(new TextDecoder().decode(body), 'Code');
    const isCode = /^[A-Za-z0-9]{1,60}$/.test(code);
    super(`S3 answers ${status}${isCode ? ` ${code}` : ''}`);
    this.status = status;
    this.code = isCode ? code : '';
  }

  /** The same request may succeed in a moment. */
  get isPassing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408 || this.code === 'RequestTimeout';
  }

  get reason(): BackendErrorReason {
    if (this.status === 503 || this.status === 429) return 'busy';
    if (this.status === 507 || this.code === 'QuotaExceeded') return 'full';
    return this.status === 401 || this.status === 403 ? 'noperm' : 'other';
  }
}

/** What a question for an object that is not there gets. */
export const MISSING = 'missing';

/** Whatever else is not found, such as the bucket, is a fault. */
export function missingIsNone(error: unknown): typeof MISSING {
  if (error instanceof S3Refusal && error.code === 'NoSuchKey') return MISSING;
  throw error;
}
