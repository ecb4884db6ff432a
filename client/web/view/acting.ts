import type { Application } from '../../chat/application.ts';
import type { Chat } from '../../chat/chat.ts';
import type { WebFiles } from '../web-files.ts';

/** What a part of the page is given to act. */
export interface Acting {
  readonly application: Application;
  readonly chat: Chat;
  /** Does something that somebody asked for; what is refused is said. */
  run(work: () => Promise<unknown> | unknown): void;
  /** Sends files that were chosen, dropped or pasted, one after the other. */
  sendFiles(files: readonly File[]): void;
}

export function actingOn(application: Application, chat: Chat, disk: WebFiles): Acting {
  const run: Acting['run'] = (work) => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => application.notices.refuse(error));
  };
  const sendFiles: Acting['sendFiles'] = (files) =>
    run(async () => {
      for (const file of files) {
        disk.offer(file);
        // Whatever the path, it is what was offered.
        await chat.carryOut('/send .');
      }
    });
  return { application, chat, run, sendFiles };
}
