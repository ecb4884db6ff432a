import { spawn } from 'node:child_process';
import type { FaceFiles } from '../../chat/files/face-files.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { KeyReader } from '../keys/key-reader.ts';
import type { ScreenStore } from '../screen-store.ts';
import type { TerminalScreen } from './terminal-screen.ts';

/** A picture is drawn at once, or its file is made to hang the program: then nobody waits for it. */
export const VIEWER_MS_MAX = 10_000;

/** The name on disk decides, as it does for programs. */
const picture = /\.(?:avif|bmp|gif|heic|jpe?g|png|tiff?|webp)$/i;

type Environment = Readonly<Record<string, string | undefined>>;

interface ViewerOptions {
  /** Of the shell; it gets the file as its last argument. */
  readonly command: string;
  readonly environment: Environment;
  readonly maxMs?: number;
}

/**
 * Lets the program that somebody chose draw a picture on this terminal, in whatever way both know: the picture is from others, and is
 * decoded in a process that has no keys. Rejects with ConclaveError when it fails, and once `ended` is aborted.
 */
export function drawPicture(
  file: string,
  { command, environment, maxMs = VIEWER_MS_MAX }: ViewerOptions,
  ended: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `exec ${command} "$1"`, 'sh', file], {
      stdio: ['inherit', 'inherit', 'ignore'],
      env: { ...environment },
      killSignal: 'SIGKILL',
      signal: AbortSignal.any([ended, AbortSignal.timeout(maxMs)]),
    });
    const fail = (): void => reject(new ConclaveError('usage', tuiTexts.pictures.failed(command)));
    child.once('error', fail);
    child.once('exit', (code) => (code === 0 ? resolve() : fail()));
  });
}

interface ViewerParts {
  readonly screen: Pick<TerminalScreen, 'hasFrames' | 'drawnBy'>;
  readonly reader: Pick<KeyReader, 'pausedDuring'>;
  readonly frames: Pick<ScreenStore, 'change'>;
}

/** Shows pictures in the place of the chat until a key is pressed. */
export class PictureViewer {
  readonly #options: ViewerOptions;
  readonly #ended = new AbortController();

  constructor(options: ViewerOptions) {
    this.#options = options;
  }

  /** Meanwhile keys are not read: such programs ask the terminal what it can do, and the answers come as keys do. */
  async show(file: string, { frames, reader, screen }: ViewerParts): Promise<void> {
    if (!screen.hasFrames) throw new ConclaveError('usage', tuiTexts.pictures.no_screen);
    const draw = (): Promise<void> => drawPicture(file, this.#options, this.#ended.signal);
    frames.change({ bare: 'picture' });
    try {
      await reader.pausedDuring(() => screen.drawnBy(draw, tuiTexts.bare.back));
    } catch (error) {
      frames.change({ bare: undefined });
      throw error;
    }
  }

  close(): void {
    this.#ended.abort();
  }
}

/** The same files; pictures among them are opened by `show`. */
export function withPictures(files: FaceFiles, show: (file: string) => Promise<void>): FaceFiles {
  return {
    choose: (path) => files.choose(path),
    saving: (name, path) => files.saving(name, path),
    opening: (name) => files.opening(name),
    paths: (beginning) => files.paths(beginning),
    open: (what, failed) => {
      if (!what.startsWith('/') || !picture.test(what)) files.open(what, failed);
      else
        show(what).catch((error: unknown) => {
          if (!(error instanceof ConclaveError)) throw error;
          failed(error);
        });
    },
  };
}
