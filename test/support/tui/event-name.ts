import type { InputEvent } from '../../../client/tui/keys/key-reader.ts';

/** An event of the keyboard in a word. */
export function eventName(event: InputEvent): string {
  switch (event.type) {
    case 'key':
      return event.key;
    case 'focus':
      return `focus:${event.focused}`;
    default:
      return `${event.type}:${event.text}`;
  }
}
