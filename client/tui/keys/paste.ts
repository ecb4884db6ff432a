/** Four messages of the greatest length: more than that was not meant for a chat. */
export const PASTE_CHARS_MAX = 64 * 1024;

const pasteEnd = '\x1b[201~';
const controls = /(?![\n\t])\p{Cc}/gu;

/** What the terminal brackets as pasted, gathered until its end. */
export class Paste {
  #text = '';
  /** The last characters, which may be the beginning of the end mark. */
  #tail = '';
  #cut = false;

  /** What follows the paste in `chunk`; undefined while it goes on. */
  take(chunk: string): string | undefined {
    const text = this.#tail + chunk;
    const end = text.indexOf(pasteEnd);
    const tailChars = end < 0 ? markBegunChars(text) : 0;
    this.#add(text.slice(0, end < 0 ? text.length - tailChars : end));
    this.#tail = tailChars === 0 ? '' : text.slice(-tailChars);
    return end < 0 ? undefined : text.slice(end + pasteEnd.length);
  }

  /** As one pastes it: line ends are \n, controls are gone. `cut`: there was more than PASTE_CHARS_MAX. */
  content(): { readonly text: string; readonly cut: boolean } {
    return { text: this.#text.replace(/\r\n?/g, '\n').replace(controls, ''), cut: this.#cut };
  }

  #add(text: string): void {
    const room = PASTE_CHARS_MAX - this.#text.length;
    this.#text += text.slice(0, room);
    if (text.length > room) this.#cut = true;
  }
}

function markBegunChars(text: string): number {
  for (let length = Math.min(pasteEnd.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(pasteEnd.slice(0, length))) return length;
  return 0;
}
