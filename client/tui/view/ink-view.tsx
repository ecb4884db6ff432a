import type { WriteStream } from 'node:tty';
import { render } from 'ink';
import type { Model } from '../model/model.ts';
import type { CursorPlace } from '../screen/frame-writer.ts';
import { App } from './app.tsx';
import { frameOf } from './frame.ts';
import type { RowCache } from './row-cache.ts';
import type { ThemeName } from './theme.ts';

/** Where frames go. */
export interface FrameScreen {
  draw(frame: string, cursor: CursorPlace | undefined): void;
}

/**
 * Draws models with Ink. Ink lays out and renders; its own writing is for programs that share the screen with others
 * (it clears all of a full screen for each frame), so whole frames are taken from it, as its debug mode gives them, and a
 * FrameWriter puts them on the screen.
 */
export class InkView {
  readonly #screen: FrameScreen;
  readonly #theme: ThemeName;
  readonly #cache: RowCache;
  readonly #instance: ReturnType<typeof render>;
  #size: Model['size'] = { columns: 0, rows: 0 };
  #text = '';

  constructor(
    screen: FrameScreen,
    output: WriteStream,
    { theme, cache }: { readonly theme: ThemeName; readonly cache: RowCache },
  ) {
    this.#screen = screen;
    this.#theme = theme;
    this.#cache = cache;
    this.#instance = render(null, {
      stdout: this.#capturing(output),
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  draw(model: Model): void {
    this.#size = model.size;
    const frame = frameOf(model, this.#cache);
    this.#instance.rerender(<App frame={frame} theme={this.#theme} />);
    this.#screen.draw(this.#text, frame.cursor);
  }

  close(): void {
    this.#instance.unmount();
  }

  /** The terminal as Ink sees it: of the model's size, and what is written to it is kept here. */
  #capturing(output: WriteStream): WriteStream {
    const own: Readonly<Record<string, () => unknown>> = {
      write: () => (text: string) => {
        this.#text = text;
        return true;
      },
      isTTY: () => false,
      columns: () => this.#size.columns,
      rows: () => this.#size.rows,
    };
    return new Proxy(output, {
      get: (target, key) =>
        typeof key === 'string' && Object.hasOwn(own, key) ? own[key]?.() : Reflect.get(target, key, target),
    });
  }
}
