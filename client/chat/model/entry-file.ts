import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';

/** What a row of a file shows. Names and types are their senders' words. */
export interface ShownFile extends Pick<SharedFile, 'name' | 'type' | 'size' | 'width' | 'height'> {
  /** Undefined: it is on the server only, as far as this client knows. */
  readonly state: FileState | undefined;
}

/** A file of a message. */
export interface EntryFile extends ShownFile {
  /** Commands name it by this number, which no other file has that is loaded in the room; 0: none yet. */
  readonly number: number;
  readonly shared: SharedFile;
}

export type FileState =
  /** On its way: being read for the first time, encrypted and sent, or received. `percent`: a whole number. */
  | { readonly kind: 'reading' | 'sending' | 'receiving'; readonly percent: number }
  | { readonly kind: 'saved'; readonly place: string }
  | { readonly kind: 'opened' }
  /** The server has it no longer. */
  | { readonly kind: 'gone' }
  /** What the server gave is not what was sent. */
  | { readonly kind: 'altered' };

export function entryFile(shared: SharedFile): EntryFile {
  const { name, type, size, width, height } = shared;
  const picture = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
  return { number: 0, shared, name, type, size, ...picture, state: undefined };
}

/** Those of a message made anew: what was known of them stays known. */
export function knownFiles(files: readonly EntryFile[], before: readonly EntryFile[]): readonly EntryFile[] {
  return files.map((file) => before.find(({ shared }) => isSame(shared, file.shared)) ?? file);
}

/** The key is a secret of each file's own. */
function isSame(a: SharedFile, b: SharedFile): boolean {
  return a.file === b.file && a.name === b.name && sameBytes(a.key, b.key) && sameBytes(a.hash, b.hash);
}
