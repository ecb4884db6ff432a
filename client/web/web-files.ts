import type { ChosenFile, FaceFiles, FileTarget } from '../chat/files/face-files.ts';
import type { PictureFacts } from './pictures/make-thumbnail.ts';
import { saveFile } from './save-file.ts';

const UNKNOWN_TYPE = 'application/octet-stream';

/** Files that somebody gives to the page, and those that it hands to the browser's downloads. */
export class WebFiles implements FaceFiles {
  #offered: File | undefined;

  /** Chosen, dropped or pasted: the next file that is asked for is this one. */
  offer(file: File): void {
    this.#offered = file;
  }

  /** A page cannot read a path that somebody types: without an offer, the browser asks for a file. */
  async choose(): Promise<ChosenFile | undefined> {
    const file = this.#offered ?? (await askForFile());
    this.#offered = undefined;
    if (file === undefined) return undefined;
    const { name, size } = file;
    const type = file.type === '' ? UNKNOWN_TYPE : file.type;
    return {
      ...{ name, size, type },
      open: async () => ({
        ...{ name, size, type },
        ...(isPicture(type) && (await factsOf(file))),
        read: async (offset, length) =>
          new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
        close: () => Promise.resolve(),
      }),
    };
  }

  /** Kept in memory until it is whole; the browser decides where it goes, and never writes over another file. */
  async saving(name: string): Promise<FileTarget> {
    let parts: Uint8Array<ArrayBuffer>[] = [];
    return {
      name,
      write: async (bytes) => void parts.push(new Uint8Array(bytes)),
      keep: async () => {
        saveFile(name, ...parts);
        return name;
      },
      close: async () => {
        parts = [];
      },
    };
  }

  /** What others sent is never shown as a page of this server: it is saved instead. */
  opening(name: string): Promise<FileTarget> {
    return this.saving(name);
  }

  open(): void {
    // It is among the downloads by now.
  }

  paths(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** Drawings have no pixels of their own, and may hold programs: nobody's preview is made of one. */
function isPicture(type: string): boolean {
  return type.startsWith('image/') && type !== 'image/svg+xml';
}

async function factsOf(file: File): Promise<PictureFacts> {
  try {
    return await (await import('./pictures/make-thumbnail.ts')).pictureFacts(file);
  } catch {
    // The server no longer serves this release of the page: the picture goes like any other file.
    return {};
  }
}

function askForFile(): Promise<File | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0]));
    input.addEventListener('cancel', () => resolve(undefined));
    input.click();
  });
}
