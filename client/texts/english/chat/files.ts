/** Sending, saving and opening files. */
export const fileTexts = {
  send: (name: string, room: string): string => `Send ${name} to ${room}?`,
  send_about: (size: string, type: string, most: string): string =>
    `${size}, ${type}. This server accepts files of up to ${most}.`,
  send_yes: 'send it',
  nothing_stored: (room: string): string => `${room} stores nothing, so it cannot have files`,
  saved: (place: string): string => `saved ${place}`,
  open: (name: string): string => `Open ${name}?`,
  open_about: 'It may be a program, or make one run. Open it only if you trust its sender.',
  open_yes: 'open it',
  open_which: 'Open which file?',
  none_matches: 'no file matches',
  cancelled: (name: string): string => `cancelled ${name}`,
  nothing_to_cancel: 'no file of this room is being sent or saved',
  which: 'select a message with files, or give the number that stands before the file',
  none_in_message: 'the selected message has no files',
  no_file: (number: number): string => `no file with the number ${number} is loaded here`,
  on_its_way: (name: string): string => `${name} is already being downloaded`,
  too_many: (count: number): string => `${count} files are already being sent or saved: wait for one of them`,
  no_disk: 'files cannot be sent or saved here',
} as const;
