import { toHex } from '../../../src/protocol/bytes.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { texts } from '../../texts/texts.ts';

/** What scripts are told of a file: neither its key nor its thumbnail. */
export function fileLine({ file, name, type, size, hash, width, height }: SharedFile): object {
  const picture = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
  return { file, name, type, size, sha256: toHex(hash), ...picture };
}

/** For people. */
export function fileText({ name, size }: SharedFile): string {
  return texts.words.file({ name: visibleLine(name), size });
}
