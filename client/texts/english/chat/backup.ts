import { counted } from '../numbers.ts';

/** The copy of the account on its server, sealed under a recovery code. */
export const backupTexts = {
  title: 'Backup of your account',
  /** `time`: when the server stored it. */
  states: {
    none: (_time: string): string => 'There is no backup.',
    kept: (time: string): string => `There is a backup of ${time}, which this device keeps up to date.`,
    elsewhere: (time: string): string =>
      `There is a backup of ${time} with a code that this device does not know: another device keeps it up to date, or the server went back to an earlier one.`,
    rolled_back: (time: string): string =>
      `The server went back to an earlier backup, of ${time}: this device stores a new one in its place.`,
    gone: (_time: string): string => 'The server no longer has the backup that this device made.',
  },
  about:
    'A backup holds your keys, whom you verified and the passwords of rooms, but no messages. It is opened by a recovery code, which the server does not know.',
  make: 'make a backup',
  make_again: 'make a new code',
  replace: 'Make a new recovery code?',
  replace_about: 'The code before opens nothing any more.',
  code_of: (user: string, server: string): string => `Recovery code of ${user} at ${server}`,
  made: (time: string): string => `Made ${time}.`,
  fingerprint: 'Fingerprint:',
  code_about:
    'Write it down with the day and the fingerprint, or print it: it is shown only now. Whoever has it can act as you. The same as a QR code:',
  left_out: (count: number): string =>
    `the backup has no room for ${counted(count, 'person', 'people')}: they will be strangers again after a restore`,
  delete: 'delete the backup',
  delete_question: 'Delete your backup?',
  delete_about:
    'Its recovery code opens nothing any more. Without another copy, a lost device is a lost account.',
  deleted: 'deleted the backup; its recovery code no longer works',
} as const;
