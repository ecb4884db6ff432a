/** What F1 shows before there is an account. */
export const startHelp: readonly string[] = [
  'Conclave needs three things to begin: a server, a user name and a passphrase.',
  '',
  'Server: its address, such as wss://chat.example.org, from the person who runs it. To run one on this machine, see the README: npm start, then ws://127.0.0.1:8080.',
  '',
  'User name: what others see. Nobody can take it after you, and it cannot be changed.',
  '',
  'Passphrase: protects your keys on this machine. It never leaves it, and nobody can restore it.',
  '',
  'Enter goes to the next question, Esc back to the one before, Ctrl+C quits. Until the last answer, nothing is registered and no file is written.',
];
