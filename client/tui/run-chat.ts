import type { ReadStream, WriteStream } from 'node:tty';
import type { AccountHost } from '../chat/account/account-host.ts';
import { Application } from '../chat/application.ts';
import type { FaceFiles } from '../chat/files/face-files.ts';
import { ConclaveError } from '../sdk/errors.ts';
import { discardTyped } from '../terminal/discard-typed.ts';
import { showsLinks } from '../terminal/terminal-link.ts';
import { tuiTexts } from '../texts/tui-texts.ts';
import { AlertCommand } from './alert-command.ts';
import { type ChatConfig, defaultConfig, readConfigFile } from './config/chat-config.ts';
import { KeyInput } from './input/key-input.ts';
import { KeyHints } from './keys/key-hints.ts';
import { keymapOf } from './keys/key-map.ts';
import { ESCAPE_MS, ESCAPE_OVER_NETWORK_MS, KeyReader } from './keys/key-reader.ts';
import { isAsciiLocale } from './screen/ascii-signs.ts';
import { guardAgainstCrashes } from './screen/crash-guard.ts';
import { editedText } from './screen/external-editor.ts';
import { PictureViewer, withPictures } from './screen/picture-viewer.ts';
import { TerminalScreen } from './screen/terminal-screen.ts';
import { emptyScreen } from './screen-model.ts';
import { ScreenStore } from './screen-store.ts';
import { terminalFace } from './terminal-face.ts';
import type { ScreenLook } from './view/app.tsx';
import { bareLines } from './view/bare-lines.ts';
import { windowTitle } from './view/bars.ts';
import { RowCache } from './view/entry-rows.ts';
import { shownStretchOf } from './view/frame.ts';
import { InkView } from './view/ink-view.tsx';
import { themeOf } from './view/theme.ts';

/** The command that opens the full-screen client, as the client sees it. */
export interface ChatHost extends AccountHost {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** `NO_COLOR`, `COLORFGBG` and the like; never secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: there is no place for one. */
  readonly configFile: string | undefined;
  readonly files: FaceFiles;
  /** Aborted by SIGTERM, SIGINT or SIGHUP: the client closes and ends. */
  readonly interrupted: AbortSignal;
}

/**
 * Runs the full-screen client until its end. The terminal is as it was before, whatever ends it. Rejects with `usage` when
 * the config file has faults.
 */
export async function runChat(host: ChatHost): Promise<ChatEnd> {
  const config = await configIn(host.configFile);
  const screen = new TerminalScreen(host.input, host.output, {
    mouse: config.mouse,
    ascii: isAsciiLocale(host.environment),
  });
  const hints = new KeyHints(config.bindings);
  const cache = new RowCache(hints);
  const view = new InkView(screen, host.output, { look: screenLook(config, host.environment), cache });
  const alertCommand = new AlertCommand(config.notifyCommand, host.environment);
  const pictures = new PictureViewer({ command: config.pictureViewer, environment: host.environment });
  const files: FaceFiles =
    config.pictureViewer === ''
      ? host.files
      : withPictures(host.files, (file) => pictures.show(file, { screen, reader, frames }));
  const application = new Application(host, terminalFace({ screen, config, alertCommand, files }));
  const panelColumns = { rooms: config.roomsColumns, members: config.membersColumns };
  const frames = new ScreenStore(
    application.store,
    { ...emptyScreen, size: screen.size, panelColumns, hints },
    {
      look: (model) => {
        const shown = shownStretchOf(model, cache);
        if (shown !== undefined) application.chat?.reader.looked(shown);
      },
      draw: (model) => {
        if (model.bare === 'picture') return;
        if (model.bare === 'text') {
          screen.drawBare(bareLines(model), tuiTexts.bare.back);
          return;
        }
        view.draw(model);
        screen.title(windowTitle(model));
      },
    },
  );
  const ending = new Ending(host);
  const unguard = guardAgainstCrashes(
    () => screen.leave(),
    () => ending.end('crashed'),
  );
  const reader = new KeyReader(host.input, { escapeMs: escapeMs(host.environment) });
  const keymap = keymapOf(config.bindings);
  const leave = (): void => ending.end('left');
  const edited = async (text: string): Promise<string> => {
    try {
      const edit = (): Promise<string> => editedText(text, host.environment);
      return await reader.pausedDuring(() => screen.lend(edit));
    } finally {
      frames.change({ size: screen.size });
    }
  };
  /** Lines are drawn again; what another program drew is gone. */
  const refit = (): void => {
    const { bare } = frames.model;
    frames.change({ size: screen.size, bare: bare === 'picture' ? undefined : bare });
  };
  const keys = new KeyInput({ application, frames, screen, keymap, cache, leave, edited });
  const offEvents = reader.onEvent((event) => keys.take(event));
  const offResize = screen.onResize(() => {
    screen.forget();
    refit();
  });
  const offSuspension = screen.allowSuspension(() => {
    refit();
    frames.drawNow();
  });
  try {
    screen.enter();
    frames.drawNow();
    const how = await Promise.race([ending.ended, application.run().then(() => 'left' as const)]);
    if (how === 'interrupted') discardTyped();
    return how;
  } finally {
    pictures.close();
    for (const off of [offEvents, offResize, offSuspension]) off();
    keys.close();
    frames.close();
    screen.leave();
    reader.close();
    view.close();
    // The terminal is given back: a second signal may end the process, should a disk or a server take too long.
    ending.release();
    await application.close();
    unguard();
  }
}

async function configIn(file: string | undefined): Promise<ChatConfig> {
  const read = file === undefined ? { config: defaultConfig } : await readConfigFile(file);
  if ('faults' in read) throw new ConclaveError('usage', read.faults.join('\n'));
  return read.config;
}

function screenLook({ links, theme }: ChatConfig, environment: ChatHost['environment']): ScreenLook {
  return { theme: themeOf(theme, environment), links: links && showsLinks(environment) };
}

function escapeMs({ SSH_CONNECTION: ssh = '' }: ChatHost['environment']): number {
  return ssh === '' ? ESCAPE_MS : ESCAPE_OVER_NETWORK_MS;
}

/** A library of Ink ends the process where nobody else listens, before the terminal is given back. */
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** `crashed`: what went wrong was said already. */
export type ChatEnd = 'left' | 'interrupted' | 'crashed';

/** Ends by a command, by a signal, or by the terminal going away. */
class Ending {
  readonly ended: Promise<ChatEnd>;
  end: (how: ChatEnd) => void = () => undefined;
  readonly #host: ChatHost;
  readonly #interrupt = (): void => this.end('interrupted');

  constructor(host: ChatHost) {
    this.#host = host;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    host.interrupted.addEventListener('abort', this.#interrupt);
    // Not every program is told by a signal: to one in the background of a session, the terminal only ends.
    for (const event of ['end', 'error']) host.input.on(event, this.#interrupt);
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  release(): void {
    this.#host.interrupted.removeEventListener('abort', this.#interrupt);
    for (const event of ['end', 'error']) this.#host.input.off(event, this.#interrupt);
    for (const signal of signals) process.off(signal, this.#interrupt);
  }
}
