import { shown } from '../numbers.ts';

/** What the settings of the config file mean. */
export const settings = {
  notify:
    'What a mention triggers besides marking the window title: nothing, the bell, or a notification in terminals that support OSC 9 or OSC 777',
  'notify-command':
    'A command of the shell that each of these alerts also runs, with the room in $CONCLAVE_ALERT_ROOM and the words in $CONCLAVE_ALERT_TEXT',
  theme: 'Colours for a dark or a light background, none at all, or chosen by what the terminal reports',
  mouse: 'Whether the mouse wheel scrolls; selecting text then needs Shift in most terminals',
  typing: 'Whether others see when you are typing',
  links:
    'Whether http and https addresses can be clicked, in terminals that support OSC 8; a link always opens the address shown',
  clipboard:
    'Whether links and the texts of messages can be copied to the clipboard, in terminals that support OSC 52',
  'picture-viewer':
    'A command of the shell with which /open draws pictures in the terminal, such as "chafa", "kitten icat" or "img2sixel"; without it, they open in a window',
  'rooms-columns': 'Width of the room list',
  'members-columns': 'Width of the member list',
} as const;

/** The printed config file, and what is wrong with somebody's own. */
export const config = {
  // The printed file; each line becomes a comment
  about: 'The settings of the full-screen client as they are without this file.',
  allowed: (allowed: string): string => `Allowed: ${allowed}.`,
  sentence: (text: string): string => `${text}.`,
  keys_about:
    'Each action with its keys: one key, a list of keys, or [] for none. Actions left out keep their defaults.',
  // What is allowed
  one_of: (choices: readonly string[]): string => choices.map((choice) => `"${choice}"`).join(', '),
  shell_command: (max: number): string => `one line of up to ${shown(max)} characters; "" for none`,
  true_or_false: 'true, false',
  number: (min: number, max: number): string => `a whole number from ${shown(min)} to ${shown(max)}`,
  keys_table: 'a table such as [keys] with help = ["f1"]',
  key_or_list: 'a key such as "alt+a", or a list of keys',
  key: 'a key such as ctrl+a, alt+enter, alt+1, shift+tab, pageup, f1; characters only with ctrl or alt',
  letter: 'a character such as r, or a key such as alt+r, f1',
  one_action: 'one action per key',
  one_key: 'at least one, by default "enter"',
  known_actions: 'the actions that /help and the documentation list',
  // Faults
  in_file: (place: string, fault: string): string => `${place}: ${fault}`,
  in_keys: (table: string, fault: string): string => `[${table}] ${fault}`,
  too_long: (max: number): string => `has more than ${shown(max)} bytes`,
  not_utf8: 'is not UTF-8',
  unreadable: 'cannot be read: does the path lead to a file, and may you read it?',
  unknown: (name: string, advice: string): string => `${name} is unknown. ${advice}`,
  wrong: (name: string, value: string, allowed: string): string => `${name} is ${value}. Allowed: ${allowed}`,
  meant: (name: string): string => `Did you mean ${name}?`,
  allowed_only: (allowed: string): string => `Allowed: ${allowed}`,
  not_a_key: (action: string, key: string, allowed: string): string =>
    `${action}: "${key}" is not a key that can be bound. Allowed: ${allowed}`,
  key_taken: (action: string, key: string, other: string, allowed: string): string =>
    `${action}: "${key}" is bound to ${other} too. Allowed: ${allowed}`,
  no_key_left: (action: string, allowed: string): string => `${action} has no key left. Allowed: ${allowed}`,
  unknown_action: (action: string, advice: string): string => `${action} is not an action. ${advice}`,
} as const;
