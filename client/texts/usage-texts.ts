/**
 * What a person reads who typed a command that can't be understood. Values: `command` (with its program), `given`, `wanted`, `usage`, `size`.
 */
export const usageTexts = {
  no_command: 'give one of the commands above',
  no_room_command: 'give a command for the room: see conclave room --help',
  unknown_command: 'there is no command {given}: see {command} --help',
  unknown_command_meant: 'there is no command {given}: did you mean {wanted}?',
  missing_argument: '{wanted} is missing. Usage: {usage}',
  too_many: '{given} is one argument too many. Usage: {usage}',
  quote_the_text: 'put the text in quotes: {usage}',
  dashes_first: 'a text that begins with "-" goes after --: {usage}',
  unknown_option: '{command} has no option {given}: see {command} --help',
  unknown_option_meant: '{command} has no option {given}: did you mean {wanted}?',
  missing_value: '{given} needs a value: see {command} --help',
  bad_choice: '{given} is not one of: {wanted:what is allowed here}',
  stdin_empty: 'there is no text on standard input',
  stdin_too_long:
    'standard input is over {size} bytes, the limit of one message: leave out the "-" to send each line as a message, or split it',
  stdin_not_utf8: 'standard input is not UTF-8',
  bad_prefix: '--prefix: {given} begins the name of no room: names are 3 to 30 ASCII letters and digits',
  own_account: '{user} is your own account: there is nothing to compare',
  swapped: 'you are not in a room called {room}: did you mean conclave send {wanted} {given}?',
  bad_retention: '{given}: a retention is 0 to {size} days',
} as const;
