import { isRequestId, REPLY_ERROR, REQUEST_OPERATION_MAX } from './frames.ts';

/** What stands first in a request, `[operation, id, …]`. */
export interface RequestHead {
  readonly operation: number;
  readonly id: number;
}

/**
 * Reads no more than the first bytes of a frame: enough to charge it and to answer it, before anything is decoded.
 * Undefined for a frame that cannot be a request, whatever follows.
 */
export function readRequestHead(frame: Uint8Array): RequestHead | undefined {
  const from = elementsFrom(frame);
  const operation = from === undefined ? undefined : readInteger(frame, from);
  if (operation === undefined || operation.value <= REPLY_ERROR || operation.value > REQUEST_OPERATION_MAX)
    return undefined;
  const id = readInteger(frame, operation.end);
  return id !== undefined && isRequestId(id.value) ? { operation: operation.value, id: id.value } : undefined;
}

/** Behind the head of an array with two elements or more. */
function elementsFrom(frame: Uint8Array): number | undefined {
  const head = frame[0] ?? 0;
  if (head >= 0x92 && head <= 0x9f) return 1;
  if (head === 0xdc) return bigEndian(frame, 1, 2) >= 2 ? 3 : undefined;
  return head === 0xdd && bigEndian(frame, 1, 4) >= 2 ? 5 : undefined;
}

/** In any of the forms that MessagePack has for an integer of 0 or more. */
function readInteger(
  frame: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  const head = frame[at];
  if (head === undefined) return undefined;
  if (head < 0x80) return { value: head, end: at + 1 };
  const isSigned = head >= 0xd0 && head <= 0xd3;
  if (!isSigned && !(head >= 0xcc && head <= 0xcf)) return undefined;
  const width = 1 << (head - (isSigned ? 0xd0 : 0xcc));
  const end = at + 1 + width;
  if (end > frame.length || (isSigned && (frame[at + 1] ?? 0) >= 0x80)) return undefined;
  return { value: bigEndian(frame, at + 1, width), end };
}

function bigEndian(frame: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i += 1) value = value * 256 + (frame[i] ?? 0);
  return value;
}
