/** What `conclave send` says of a long input. Values: `rate`, `left`, `sent`, `line`, `next`, `after`. */
export const sendingTexts = {
  pace: 'the server takes {rate} messages a second',
  pace_left: 'the server takes {rate} messages a second: about {left} for the rest',
  progress: '{sent} lines sent',
  progress_left: '{sent} lines sent, about {left} left',
  none_sent: 'interrupted: nothing is sent',
  none_sent_maybe: 'interrupted: nothing is confirmed as sent, and line {next} may have arrived',
  sent: 'interrupted: everything up to line {line} is sent; continue with line {next}',
  sent_maybe:
    'interrupted: everything up to line {line} is sent, and line {next} may have arrived; continue with line {next}, or {after} if it has',
  failed: 'everything up to line {line} is sent; line {next} is not',
  message_maybe: 'interrupted: the message may have arrived',
} as const;
