/** Questions at a terminal. */
export const asked = {
  once_more: 'Once more: ',
  passphrase_of: 'Passphrase of {user}: ',
  passphrase_of_file: 'Passphrase of {file}: ',
  new_passphrase_of: 'New passphrase for the keys of {user}: ',
  new_passphrase: 'New passphrase for the keys: ',
  new_passphrase_of_export: 'New passphrase for the exported file: ',
  room_password: 'Password of {room}: ',
  new_room_password: 'Password of the room (6–60 characters): ',
  changed_room_password: 'New password of the room (6–60 characters): ',
  invitation: 'Invitation code: ',
  recover: 'Start without the lost state? (yes/no) ',
  close_account: 'Type {user} to close it: ',
  same_number: 'Does {user} see the same number, over a channel you trust? (yes/no) ',
  same_key:
    'The new key of {user} is\n  {fingerprint}\nIs it the key that {user} sees with: conclave whoami (yes/no) ',
  delete_room: 'Delete {room} with all its messages, for everybody? Type its name: ',
  raise_header: 'Type its name to do it: ',
  raise_suite: 'Type its name to do it: ',
  accept_room: 'The server says: {fault}. Use the room as it is now? (yes/no) ',
  purge: 'Delete {room} with all its messages, for good?',
  yes_or_no: '{question} [y/N] ',
  /** What counts as a yes. */
  yes: /^y(es)?$/i,
} as const;
