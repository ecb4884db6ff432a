import { keptFor } from './numbers.ts';

/** Questions at a terminal. */
export const asked = {
  once_more: 'Once more: ',
  passphrase_of: 'Passphrase of {user}: ',
  passphrase_of_file: 'Passphrase of {file}: ',
  new_passphrase_of: 'New passphrase for the keys of {user}: ',
  new_passphrase: 'New passphrase for the keys: ',
  weak_passphrase: '{said}. Use it anyway? (yes/no) ',
  new_passphrase_of_export: 'New passphrase for the exported file: ',
  room_password: 'Password of {room}: ',
  new_room_password: 'Password of the room (6–60 characters): ',
  changed_room_password: 'New password of the room (6–60 characters): ',
  invitation: 'Invitation code: ',
  recovery_code: 'Recovery code of {user}: ',
  same_sheet: 'Is the fingerprint the one on your sheet, and the date no earlier than there? (yes/no) ',
  link_code: 'Code shown on the new device: ',
  link_digits: 'Digits shown on the new device: ',
  own_account: 'Is this your account? (yes/no) ',
  recover: 'Start without the lost state?',
  close_account: 'Type {user} to close it: ',
  same_number: 'Does {user} see the same number, over a channel you trust? (yes/no) ',
  same_key:
    'The new key of {user} is\n  {fingerprint}\nIs it the key that {user} sees with: conclave whoami (yes/no) ',
  delete_room: 'Delete {room} with all its messages, for everybody? Type its name: ',
  raise_header: 'Type its name to do it: ',
  raise_suite: 'Type its name to do it: ',
  accept_room: 'The server says: {fault}. Use the room as it is now? (yes/no) ',
  store_less: ({ room, hours }: { readonly room: string; readonly hours: number }): string =>
    hours === 0
      ? `Store no messages of ${room} any more, and delete all that are stored, for everybody?`
      : `Delete all messages of ${room} that are older than ${keptFor(hours)}, for everybody?`,
  delete_backup: 'Delete the backup of {user}? If these keys are lost, the account is lost.',
  purge: 'Delete {room} with all its messages, for good?',
  raise_schema:
    'Raise the store to schema {number}? Gateways of earlier releases no longer start, and this cannot be undone.',
  yes_or_no: '{question} (yes/no) ',
  /** What counts as a yes. */
  yes: /^y(es)?$/i,
} as const;
