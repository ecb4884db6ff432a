import type { WriteStream } from 'node:tty';
import { render } from 'ink';
import type { ReactNode } from 'react';
import type { CursorPlace } from '../screen/frame-writer.ts';
import type { ScreenModel } from '../screen-model.ts';
import { LowerScreen, type ScreenLook, UpperScreen } from './app.tsx';
import type { RowCache } from './entry-rows.ts';
import { type Frame, frameOf } from './frame.ts';
import type { StyledRow } from './styled-row.ts';

/** Where frames go. */
export interface FrameScreen {
  draw(frame: string, cursor: CursorPlace | undefined): void;
}

/**
 * Draws models with Ink. Ink lays out and renders; its own writing is for programs that share the screen with others
 * (it clears all of a full screen for each frame), so whole frames are taken from it, as its debug mode gives them, and a
 * FrameWriter puts them on the screen. Rendering costs by the row: while somebody types, only the lower part is rendered.
 */
export class InkView {
  readonly #screen: FrameScreen;
  readonly #look: ScreenLook;
  readonly #cache: RowCache;
  readonly #upper: InkRegion;
  readonly #lower: InkRegion;
  #shown: Frame | undefined;
  #upperText = '';

  constructor(
    screen: FrameScreen,
    output: WriteStream,
    { look, cache }: { readonly look: ScreenLook; readonly cache: RowCache },
  ) {
    this.#screen = screen;
    this.#look = look;
    this.#cache = cache;
    this.#upper = new InkRegion(output);
    this.#lower = new InkRegion(output);
  }

  draw(model: ScreenModel): void {
    const frame = frameOf(model, this.#cache);
    const look = this.#look;
    if (this.#shown === undefined || !sameUpper(this.#shown, frame))
      this.#upperText = this.#upper.render(<UpperScreen frame={frame} look={look} />, model.size);
    this.#shown = frame;
    const lowerText = this.#lower.render(<LowerScreen frame={frame} look={look} />, model.size);
    this.#drawFitting(`${this.#upperText}\n${lowerText}`, frame.cursor, model.size.rows);
  }

  /** On a screen of no more than three rows the upper ones are missing: what is written below the last row stands on it. */
  #drawFitting(text: string, cursor: CursorPlace | undefined, rows: number): void {
    const lines = text.split('\n');
    const surplus = Math.max(0, lines.length - rows);
    const place = cursor !== undefined && cursor.row >= surplus ? cursor : undefined;
    this.#screen.draw(lines.slice(surplus).join('\n'), place && { ...place, row: place.row - surplus });
  }

  close(): void {
    this.#upper.close();
    this.#lower.close();
  }
}

/** A part of the screen that Ink renders by itself. */
class InkRegion {
  readonly #instance: ReturnType<typeof render>;
  #size: ScreenModel['size'] = { columns: 0, rows: 0 };
  #text = '';

  constructor(output: WriteStream) {
    this.#instance = render(null, {
      stdout: this.#capturing(output),
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  render(node: ReactNode, size: ScreenModel['size']): string {
    this.#size = size;
    this.#instance.rerender(node);
    return this.#text;
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

function sameUpper(a: Frame, b: Frame): boolean {
  const [before, now] = [a.layout, b.layout];
  return (
    before.bodyRows === now.bodyRows &&
    before.mainColumns === now.mainColumns &&
    before.roomColumns === now.roomColumns &&
    before.memberColumns === now.memberColumns &&
    sameRow(a.title, b.title) &&
    sameRows(a.main, b.main) &&
    sameRows(a.rooms, b.rooms) &&
    sameRows(a.members, b.members)
  );
}

function sameRows(a: readonly StyledRow[] = [], b: readonly StyledRow[] = []): boolean {
  return a.length === b.length && a.every((row, at) => sameRow(row, b[at] ?? []));
}

function sameRow(a: StyledRow, b: StyledRow): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(
      ({ text, style, link }, at) =>
        text === b[at]?.text &&
        style === b[at]?.style &&
        link?.id === b[at]?.link?.id &&
        link?.url === b[at]?.link?.url,
    )
  );
}
