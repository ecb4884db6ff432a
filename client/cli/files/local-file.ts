import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { FILE_NAME_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { PICTURE_HEAD_BYTES, pictureSize } from '../../chat/files/picture-size.ts';
import type { FileSource } from '../../sdk/files/file-source.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { usage } from '../exit-codes.ts';
import { safeName } from './safe-name.ts';

/** Media types by extension, of what people send; readers only show them. */
const types: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
};
/** Has no pixels of its own. */
const TYPE_DRAWING = 'image/svg+xml';
const TYPE_UNKNOWN = 'application/octet-stream';

/** Without waiting for somebody to write into a pipe: nothing could end that, not even the end of the process. */
const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface LocalFile extends AsyncDisposable {
  readonly source: FileSource;
}

/** Opens a file to be sent. Rejects with what the system refuses, or a usage failure for what is no ordinary file. */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const handle = await open(path, READING);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw usage(filled(cliTexts.usage.no_ordinary_file, { given: path }));
    const name = safeName(basename(path));
    const type = types[extname(path).toLowerCase()] ?? TYPE_UNKNOWN;
    const read: FileSource['read'] = async (offset, length) => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    };
    const isPicture = type.startsWith('image/') && type !== TYPE_DRAWING;
    return {
      source: {
        name: Buffer.byteLength(name) <= FILE_NAME_BYTES_MAX ? name : '',
        ...{ type, size: found.size, read },
        ...(isPicture && (await pictureSize(await read(0, PICTURE_HEAD_BYTES)))),
      },
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
