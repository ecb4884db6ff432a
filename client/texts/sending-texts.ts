/** What `conclave send` says of a long input. Values: `rate`, `left`, `sent`, `line`, `next`, `after`. */
export const sendingTexts = {
  typed_lines: 'each line that you type is sent as a message; Ctrl-D ends',
  pace: 'the server accepts {rate} messages a second',
  pace_left: 'the server accepts {rate} messages a second: about {left} for the rest',
  progress: '{sent} lines sent',
  progress_left: '{sent} lines sent, about {left} left',
  none_sent: 'interrupted: nothing was sent',
  none_sent_maybe: 'interrupted: nothing was confirmed as sent, and line {next} may have arrived',
  sent: 'interrupted: everything up to line {line} was sent; continue with line {next}',
  sent_maybe:
    'interrupted: everything up to line {line} was sent, and line {next} may have arrived; continue with line {next}, or {after} if it has',
  failed: 'everything up to line {line} was sent; line {next} was not',
  message_maybe: 'interrupted: the message may have arrived',
} as const;
