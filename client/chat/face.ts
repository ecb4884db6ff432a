import type { ConclaveError } from '../sdk/errors.ts';
import type { ShownRoomName } from '../sdk/shown-room-name.ts';
import type { Dialogs } from './dialogs.ts';
import type { FaceFiles } from './files/face-files.ts';
import type { PickerItem } from './model/dialog.ts';
import type { Notices } from './notices.ts';

export interface Telling {
  readonly dialogs: Pick<Dialogs, 'page'>;
  readonly notices: Pick<Notices, 'say' | 'refuse'>;
}

/** What the application asks of whatever shows it. */
export interface Face {
  /** Somebody should hear of this who may not look at the room. `text` is for people, and holds names that others chose. */
  notify(room: ShownRoomName, text: string, failed: (error: ConclaveError) => void): void;
  /** Somebody chose this link, which others wrote. What there is to say of it goes by `tell`. */
  openLink(url: string, tell: Telling): Promise<void>;
  /** Somebody wants this text of a message on the clipboard. */
  copy(text: string, tell: Telling): Promise<void>;
  /** Whether others may see when somebody types here. */
  readonly showsTyping: boolean;
  /** Absent: no file is sent or saved here. */
  readonly files?: FaceFiles;
  /** What the help lists after the commands, such as keys. */
  readonly help: readonly PickerItem[];
}
