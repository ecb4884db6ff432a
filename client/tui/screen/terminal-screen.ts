import type { ReadStream, WriteStream } from 'node:tty';
import { whenNotStopped } from '../../terminal/when-not-stopped.ts';
import { withAsciiSigns } from './ascii-signs.ts';
import { type CursorPlace, FrameWriter } from './frame-writer.ts';

const ESC = '\u001b';
/**
 * The other screen, pastes in brackets, no wrapping at the edge, and told of the focus; the title is put aside. The wheel must
 * not become ↑ and ↓, which many terminals do on the other screen: they would put old messages into the input.
 */
const enterSequence = `${ESC}[?1049h${ESC}[22;0t${ESC}[?2004h${ESC}[?1004h${ESC}[?1007s${ESC}[?1007l${ESC}[?7l${ESC}[2J${ESC}[H`;
/** The wheel as it was: by default where the terminal cannot tell, as it is on most. */
const leaveSequence = `${ESC}[m${ESC}[?7h${ESC}[?1007h${ESC}[?1007r${ESC}[?1004l${ESC}[?2004l${ESC}[23;0t${ESC}[?25h${ESC}[?1049l`;
/** Buttons and the wheel, with their place in decimal numbers. */
const mouseOn = `${ESC}[?1000h${ESC}[?1006h`;
const mouseOff = `${ESC}[?1006l${ESC}[?1000l`;

const wrapOn = `${ESC}[?7h`;
const wrapOff = `${ESC}[?7l`;

export interface ScreenOptions {
  /** Ask for the keys of the mouse: the terminal's own selecting then needs Shift. */
  readonly mouse: boolean;
  /** Draw with ASCII only. */
  readonly ascii: boolean;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const COLUMNS_WITHOUT_TERMINAL = 80;
const ROWS_WITHOUT_TERMINAL = 24;

/**
 * The terminal as a full-screen program has it. Whatever ends the program, `leave` has to run before: it gives the
 * terminal back as it was.
 */
export class TerminalScreen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #mouse: boolean;
  readonly #signs: (text: string) => string;
  readonly #frames: FrameWriter;
  #entered = false;
  /** Another program has the terminal. */
  #lent = false;
  #bare = false;
  #title: string | undefined;
  #suspend: (() => void) | undefined;

  constructor(input: ReadStream, output: WriteStream, { mouse, ascii }: ScreenOptions) {
    this.#input = input;
    this.#output = output;
    this.#mouse = mouse;
    this.#signs = ascii ? withAsciiSigns : (text) => text;
    this.#frames = new FrameWriter(output);
  }

  get size(): ScreenSize {
    const { columns, rows } = this.#output;
    return { columns: columns || COLUMNS_WITHOUT_TERMINAL, rows: rows || ROWS_WITHOUT_TERMINAL };
  }

  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#title = undefined;
    this.#input.setRawMode(true);
    this.#output.write(enterSequence + (this.#mouse ? mouseOn : ''));
    this.#bare = false;
    this.#frames.forget();
  }

  /** Writes to a terminal are done when they return, so this is also right on the way out of the process. */
  leave(): void {
    this.#lent = false;
    if (!this.#entered) return;
    this.#entered = false;
    this.#output.write((this.#mouse ? mouseOff : '') + leaveSequence);
    this.#input.setRawMode(false);
  }

  draw(frame: string, cursor: CursorPlace | undefined): void {
    if (!this.#entered) return;
    if (this.#bare) {
      this.#bare = false;
      this.#output.write(`${wrapOff}${this.#mouse ? mouseOn : ''}${ESC}[2J`);
      this.#frames.forget();
    }
    this.#frames.draw(this.#signs(frame), cursor);
  }

  /**
   * In place of frames until the next one: lines of visible text, which the terminal wraps, and so copies whole. They are written once:
   * whatever is written would take away what somebody selects.
   */
  drawBare(lines: readonly string[], last: string): void {
    if (!this.#entered || this.#bare) return;
    this.#bare = true;
    const text = lines.map((line) => `${this.#signs(line)}\r\n`).join('');
    const home = `${ESC}[m${ESC}[2J${ESC}[H${ESC}[?25l`;
    this.#output.write(`${this.#mouse ? mouseOff : ''}${wrapOn}${home}${text}${ESC}[2m${last}${ESC}[m`);
  }

  /** Frames are drawn: neither does another program have the terminal, nor is anything shown in their place. */
  get hasFrames(): boolean {
    return this.#entered && !this.#bare;
  }

  /** In place of frames until the next one, too: what another program draws, such as a picture. */
  async drawnBy(work: () => Promise<void>, last: string): Promise<void> {
    this.#bare = true;
    this.#output.write(`${this.#mouse ? mouseOff : ''}${wrapOn}${ESC}[m${ESC}[2J${ESC}[H${ESC}[?25l`);
    await work();
    if (this.#entered && this.#bare) this.#output.write(`\r\n${ESC}[m${ESC}[2m${last}${ESC}[m`);
  }

  /** Gives the terminal to another program as long as that takes. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.leave();
    this.#lent = true;
    try {
      return await work();
    } finally {
      // Whoever left meanwhile left for good.
      const isBack = this.#lent;
      this.#lent = false;
      if (isBack) this.enter();
    }
  }

  /** Everything is written again with the next frame. */
  forget(): void {
    this.#bare = false;
    this.#frames.forget();
    if (this.#entered) this.#output.write(`${ESC}[2J`);
  }

  ring(): void {
    if (this.#entered) this.#output.write('\u0007');
  }

  /** `text` has to be visible text: it becomes part of a control sequence. */
  notify(text: string): void {
    if (this.#entered) this.#output.write(`${ESC}]9;${text}\u0007`);
  }

  /** The same; a semicolon would end a part of the sequence. */
  notifyTitled(title: string, text: string): void {
    const part = (words: string): string => words.replaceAll(';', ',');
    if (this.#entered) this.#output.write(`${ESC}]777;notify;${part(title)};${part(text)}\u0007`);
  }

  /** The same. */
  title(text: string): void {
    if (!this.#entered || text === this.#title) return;
    this.#title = text;
    this.#output.write(`${ESC}]2;${this.#signs(text)}\u0007`);
  }

  /** Asks the terminal to put any text on its clipboard. */
  copy(text: string): void {
    const encoded = Buffer.from(text, 'utf8').toString('base64');
    if (this.#entered) this.#output.write(`${ESC}]52;c;${encoded}\u0007`);
  }

  onResize(handler: () => void): () => void {
    this.#output.on('resize', handler);
    return () => this.#output.off('resize', handler);
  }

  /**
   * Stops with the whole job, as Ctrl+Z does where no program reads the keys: a parent such as npx stops too, and the
   * shell takes over. `onResume` runs when the job is in the foreground again, or at once where it cannot be stopped.
   */
  allowSuspension(onResume: () => void): () => void {
    let callOff: (() => void) | undefined;
    const suspend = (): void => {
      if (!this.#lent) this.leave();
      process.off('SIGTSTP', suspend);
      process.kill(0, 'SIGTSTP');
      callOff?.();
      callOff = whenNotStopped(resume);
    };
    const resume = (): void => {
      process.off('SIGTSTP', suspend);
      process.on('SIGTSTP', suspend);
      if (this.#lent) return;
      this.enter();
      onResume();
    };
    process.on('SIGTSTP', suspend);
    process.on('SIGCONT', resume);
    this.#suspend = suspend;
    return () => {
      callOff?.();
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      this.#suspend = undefined;
    };
  }

  suspend(): void {
    this.#suspend?.();
  }
}
