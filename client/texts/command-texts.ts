/** What the help of a command adds to its one line: its arguments, and examples that can be typed as they are. */
export interface CommandText {
  readonly arguments?: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
}

const room = 'the name of a room';
const ownRoom = 'the name of a room that you own';
const ruledRoom = 'the name of a room that you own or moderate';
const joinedRoom = 'the name of a room that you are in';
const user = 'the name of a user';
const member = 'the name of a member of the room';

/** By the words that lead to a command of `conclave`. */
export const commandTexts: Readonly<Record<string, CommandText>> = {
  register: {
    arguments: { name: 'your user name: 3 to 20 letters and digits' },
    examples: [
      'conclave register alice',
      'conclave --server wss://chat.example.org register alice --invite-file code',
    ],
  },
  whoami: { examples: ['conclave whoami'] },
  keys: { examples: ['conclave keys'] },
  use: {
    arguments: { name: 'the user name of an account in this profile' },
    examples: ['conclave use alice'],
  },
  recover: { examples: ['conclave recover'] },
  doctor: {
    examples: ['conclave doctor', 'conclave --server wss://chat.example.org --passphrase-file p doctor'],
  },
  verify: { arguments: { name: user }, examples: ['conclave verify bob'] },
  trust: { arguments: { name: user }, examples: ['conclave trust bob'] },
  export: {
    arguments: { file: 'the file to write; it must not exist yet' },
    examples: ['conclave export alice.keys'],
  },
  import: {
    arguments: { file: 'a file that conclave export wrote' },
    examples: ['conclave --server wss://chat.example.org import alice.keys'],
  },
  rotate: { examples: ['conclave rotate'] },
  logout: { examples: ['conclave logout', 'conclave logout --everywhere'] },
  'close-account': { examples: ['conclave --user alice close-account'] },
  chat: { arguments: { room: 'the room to show first' }, examples: ['conclave chat', 'conclave chat Lobby'] },
  rooms: { examples: ['conclave rooms', 'conclave rooms --prefix dev'] },
  members: { arguments: { room: joinedRoom }, examples: ['conclave members Lobby'] },
  create: {
    arguments: { room: 'the name of the new room: 3 to 30 letters and digits' },
    examples: ['conclave create Lobby', 'conclave create Board --hidden --password --retention 7'],
  },
  join: {
    arguments: { room },
    examples: ['conclave join Lobby', 'conclave join Board --password-file secret'],
  },
  leave: { arguments: { room: joinedRoom }, examples: ['conclave leave Lobby'] },
  send: {
    arguments: {
      room: joinedRoom,
      text: 'the message, in quotes; -: all of standard input as one message; left out: each line of it as a message',
    },
    examples: [
      'conclave send Lobby "hello everybody"',
      'df -h | conclave send Lobby -',
      'tail -f build.log | conclave send Lobby',
      'conclave send Lobby -- "-5 degrees"',
    ],
  },
  search: {
    arguments: { text: 'the text to search for; case is ignored' },
    examples: ['conclave search lunch', 'conclave search "next week" --room Lobby -n 5'],
  },
  tail: {
    arguments: { room: joinedRoom },
    examples: [
      'conclave tail Lobby -n 50',
      'conclave tail -f Lobby',
      'conclave --json tail Lobby --since 1200',
    ],
  },
  'room rename': {
    arguments: { room: ownRoom, name: 'the new name' },
    examples: ['conclave room rename Lobby Hall'],
  },
  'room delete': { arguments: { room: ownRoom }, examples: ['conclave room delete Lobby'] },
  'room password': {
    arguments: { room: ownRoom },
    examples: ['conclave room password Board', 'conclave room password Board --none'],
  },
  'room retention': {
    arguments: { room: ownRoom, days: 'days, from 0 to 3650; 0 stores nothing' },
    examples: ['conclave room retention Lobby 90'],
  },
  'room header': { arguments: { room: ownRoom, layout: '2' }, examples: ['conclave room header Lobby 2'] },
  'room hide': { arguments: { room: ownRoom }, examples: ['conclave room hide Board'] },
  'room show': { arguments: { room: ownRoom }, examples: ['conclave room show Board'] },
  'room trust': { arguments: { room }, examples: ['conclave room trust Lobby'] },
  'room kick': {
    arguments: { room: ruledRoom, name: member },
    examples: ['conclave room kick Lobby mallory'],
  },
  'room ban': { arguments: { room: ruledRoom, name: user }, examples: ['conclave room ban Lobby mallory'] },
  'room unban': {
    arguments: { room: ruledRoom, name: user },
    examples: ['conclave room unban Lobby mallory'],
  },
  'room bans': { arguments: { room: ruledRoom }, examples: ['conclave room bans Lobby'] },
  'room grant': { arguments: { room: ownRoom, name: member }, examples: ['conclave room grant Lobby bob'] },
  'room revoke': { arguments: { room: ownRoom, name: member }, examples: ['conclave room revoke Lobby bob'] },
  'room owner': { arguments: { room: ownRoom, name: member }, examples: ['conclave room owner Lobby bob'] },
  completion: { arguments: { shell: 'bash, zsh or fish' }, examples: ['conclave completion bash'] },
  help: {
    arguments: { command: 'the words of a command' },
    examples: ['conclave help send', 'conclave help room kick'],
  },
};

/** By the words that lead to a command of `conclave-admin`. */
export const adminCommandTexts: Readonly<Record<string, CommandText>> = {
  nodes: { examples: ['conclave-admin nodes'] },
  drain: {
    arguments: { node: 'the name of a gateway, as conclave-admin nodes lists it' },
    examples: ['conclave-admin drain gateway-2'],
  },
  shed: {
    arguments: {
      node: 'the name of a gateway, as conclave-admin nodes lists it',
      count: 'how many sessions, from 1 to 999999',
    },
    examples: ['conclave-admin shed gateway-1 500'],
  },
  revoke: { arguments: { name: user }, examples: ['conclave-admin revoke mallory'] },
  disable: { arguments: { name: user }, examples: ['conclave-admin disable mallory'] },
  enable: { arguments: { name: user }, examples: ['conclave-admin enable mallory'] },
  purge: { arguments: { room }, examples: ['conclave-admin purge Lobby'] },
  invite: { examples: ['conclave-admin invite > code-for-alice'] },
  'rotate-secret': { examples: ['conclave-admin rotate-secret'] },
  schema: {
    arguments: { number: 'the schema to raise the store to; without it, the current one is printed' },
    examples: ['conclave-admin schema', 'conclave-admin schema 3'],
  },
};
