import { CONTAINER_ITEMS_MAX, NESTING_DEPTH_MAX } from './limits.ts';
import type { ScanCaps } from './scan.ts';

/** First element of a frame: 0 and 1 are replies, 2–99 requests, 100 and up events. */
export const REPLY_OK = 0;
export const REPLY_ERROR = 1;
export const REQUEST_OPERATION_MAX = 99;
export const REQUEST_ID_MAX = 0xffff_ffff;

export const frameCaps: ScanCaps = { depthMax: NESTING_DEPTH_MAX, itemsMax: CONTAINER_ITEMS_MAX };

export function isRequestId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= REQUEST_ID_MAX;
}
