import { counted, shown } from './numbers.ts';

export interface Lines {
  /** The last that was sent. */
  readonly line: number;
  readonly next: number;
}

/** What `conclave send` says of a long input. Values: `rate`, `left`, `sent`, `line`, `next`, `after`. */
export const sending = {
  typed_lines: 'each line that you type is sent as a message; Ctrl-D ends',
  pace: 'the server accepts {rate} messages a second',
  pace_left: 'the server accepts {rate} messages a second: about {left} for the rest',
  progress: ({ lines, left }: { readonly lines: number; readonly left: string | undefined }): string =>
    `${counted(lines, 'line')} sent${left === undefined ? '' : `, about ${left} left`}`,
  new_key: ({ done, of }: { readonly done: number; readonly of: number }): string =>
    `making a new key: ${shown(done)} of ${shown(of)} members have theirs`,
  interrupted: 'interrupted',
  none_sent: (_: Lines): string => 'interrupted: nothing was sent',
  none_sent_maybe: ({ next }: Lines): string =>
    `interrupted: nothing was confirmed as sent, and line ${shown(next)} may have arrived`,
  sent: ({ line, next }: Lines): string =>
    `interrupted: everything up to line ${shown(line)} was sent; continue with line ${shown(next)}`,
  sent_maybe: ({ line, next }: Lines): string =>
    `interrupted: everything up to line ${shown(line)} was sent, and line ${shown(next)} may have arrived; continue with line ${shown(next)}, or ${shown(next + 1)} if it has`,
  failed: ({ line, next }: Lines): string =>
    `everything up to line ${shown(line)} was sent; line ${shown(next)} was not`,
  span: ({ count, unit }: { readonly count: number; readonly unit: 's' | 'min' | 'h' }): string =>
    `${count} ${unit}`,
  hashing: '{name}: reading, {percent} % of {size}',
  uploading: '{name}: {percent} % of {size} sent',
  downloading: '{name}: {percent} % of {size} received',
  message_maybe: 'interrupted: the message may have arrived',
} as const;
