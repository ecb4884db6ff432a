import { counted } from '../numbers.ts';

/** Acting on messages, finding them, and moving among them. */
export const messageTexts = {
  retract: 'Take this message back?',
  quoted: (text: string): string => `“${text}”`,
  retract_about: 'Anyone who has read it may have kept it.',
  retract_yes: 'take it back',
  quoted_by: (text: string, from: string): string => `“${text}”, by ${from}`,
  remove: 'Remove this message?',
  remove_about: 'Readers are told that you removed it, and can still look at it.',
  files_go: 'Its files are deleted from the server.',
  remove_yes: 'remove it',
  /** Roles are the server's word. */
  removed_by: (by: string, role: string, why: string | undefined): string =>
    `removed by ${by}, ${role} here according to the server${why === undefined ? '' : `: “${why}”`}`,
  removed_in: (room: string): string => `Removed in ${room}`,
  removed_at: (time: string, from: string, said: string): string => `${time} ${from} (${said})`,
  none_removed: (room: string): string => `none of the messages loaded in ${room} was removed`,
  react: 'React with',
  react_nothing: 'no emoji matches',
  emoji_label: (emoji: string, name: string): string => `${emoji} :${name}:`,
  earlier: (from: string): string => `Earlier versions of a message by ${from}`,
  earlier_empty: '(no text)',
  not_edited: 'this message was not edited',
  none_edited: 'no edited message is loaded here',
  copied_empty: 'there is no text to copy',
  none_loaded: 'no messages are loaded here',
  answers_none: 'this message does not answer another one',
  no_links_in_it: 'there is no link in this message',
  not_yours: (from: string): string => `this message is from ${from}: you can edit and retract only your own`,
  says_nothing: 'this message cannot be read, was taken back, or has disappeared',
  not_loaded: 'the message is no longer loaded: scroll to it, then try again',
  not_at_end: 'the newest messages are not loaded: go to the end first',
  not_arrived: 'your last message has not arrived yet',
  none_of_yours: 'none of your messages is loaded here',
  none_of_others: 'no message from anybody else is loaded here',
  found: (text: string): string => `“${text}” in messages kept on this machine`,
  found_at: (room: string, day: string, time: string): string => `${room} ${day} ${time}`,
  found_text: (from: string, text: string): string => `${from}: ${text}`,
  nothing_found: 'no message kept on this machine contains this text',
  not_stored: 'the message is no longer stored',
  links: 'Links in this room',
  link_at: (day: string, time: string, from: string): string => `${day} ${time} ${from}`,
  no_links: 'no links in the loaded messages',
  no_unread_here: 'no unread messages here',
  no_unread: 'no unread messages',
  more_above: 'there are older ones: repeat to load them',
  no_later_mention: 'no later mention of you',
  no_earlier_mention: 'no earlier mention of you is loaded',
  none_failed: 'no message here has failed',
  failed_unknown: 'unknown reason',
} as const;

/** The client itself. */
export const clientTexts = {
  help: 'Help: type to search',
  no_help: 'no key or command matches',
  role: (about: string, role: string): string => `${about} (${role})`,
  notify: {
    all: (room: string): string => `You are notified of every message in ${room}.`,
    mentions: (room: string): string => `You are notified when somebody in ${room} mentions you.`,
    none: (room: string): string => `${room} is muted: nothing in it notifies you.`,
  },
  disappear: {
    on: (room: string, life: string): string =>
      `What you write in ${room} disappears ${life} after each reader was shown it. Anyone may keep it, and older clients do.`,
    off: (room: string): string => `What you write in ${room} stays as long as the room stores messages.`,
    room_on: (room: string, life: string): string =>
      `Messages in ${room} disappear ${life} after each reader was shown them, as its owner set. Anyone may keep them, and older clients do.`,
    room_off: (room: string): string => `In ${room}, messages disappear only if their sender says so.`,
  },
  sync: {
    kept: 'Your settings (what you read, notification levels, ignored people, the order of rooms) are the same here and on the server.',
    title: 'Replace the settings on the server?',
    why: {
      refused:
        'The settings that the server keeps for you do not open: it damaged or exchanged them, or they are sealed by keys that this device does not have.',
      newer:
        'The settings that the server keeps for you are of a later release. An update of this client would read them.',
    },
    about:
      'If you replace them, your other devices take over those of this device. What only the record on the server held is lost.',
    replace: 'replace them',
    replaced: 'the server has the settings of this device now',
  },
  room_moved: (room: string, place: number): string => `${room} is room ${place} of the list now.`,
  rooms_by_name: 'Rooms are listed by name.',
  connected: 'you are connected',
  stopped_waiting: (command: string): string =>
    `Stopped waiting for ${command}. The server may still carry it out.`,
  quit: (unsent: number): string => `Quit with ${counted(unsent, 'unsent message')}?`,
  quit_about: 'They will be lost.',
  quit_yes: 'quit',
  closed_by_you: 'by you',
} as const;
