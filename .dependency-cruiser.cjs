/**
 * Who may import whom. A rule names a room and everything that it may reach; all else is refused, so a new room
 * may import nothing until it has a line in scripts/rooms.cjs.
 */

const { rooms } = require('./scripts/rooms.cjs');

const test = '\\.test\\.tsx?$';

/** The only rooms below src/ and client/ that may load a package, however they get at it. */
const packages = {
  'uWebSockets\\.js': '^src/transport/',
  ioredis: '^src/adapters/redis/',
  mongodb: '^src/adapters/mongo/',
  'lru-cache': '^src/(core|gateway|lib)/',
  'p-map': '^src/(core|adapters/s3)/',
  aws4fetch: '^src/adapters/s3/',
  'p-retry': '^(src/lib/|client/cli/)',
  lmdb: '^(src/adapters/embedded/|client/profile/)',
  pino: '^src/telemetry/',
  'prom-client': '^src/telemetry/',
  '@noble/hashes': '^client/(crypto|web)/',
  '@noble/post-quantum': '^client/crypto/',
  'string-width': '^client/terminal/',
  uqr: '^client/(terminal|web)/',
  ws: '^client/(cli|tui)/',
  commander: '^client/(admin|cli)/',
  ink: '^client/tui/',
  gemoji: '^client/chat/',
  'image-size': '^client/chat/',
  'smol-toml': '^client/tui/',
  '@zxcvbn-ts/core': '^client/chat/',
  '@zxcvbn-ts/language-common': '^client/chat/',
  react: '^client/tui/',
  preact: '^client/web/',
  idb: '^client/web/',
};

const anyOf = (paths) => paths.map((path) => `^${path}`).join('|');
const inPackage = (name) => `(^|/)node_modules/(${name})/`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'known-rooms-only',
      comment: 'A file outside every room has no rules: give its room a line in scripts/rooms.cjs.',
      severity: 'error',
      from: { path: '^(src|client|loadtest|bench)/', pathNot: anyOf(Object.keys(rooms)) },
      to: {},
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `imports-of-${room.replace(/[^a-z]+/g, '-').replace(/-$/, '')}`,
      severity: 'error',
      // Tests beside a file may start services and borrow from test/support.
      from: { path: `^${room}`, pathNot: test },
      to: {
        path: '^(src|client|loadtest|bench|scripts|test)/',
        pathNot: anyOf([room, ...allowed]),
      },
    })),
    {
      name: 'families-of-requests-stay-apart',
      comment: 'What two families need belongs to src/core. Only the table of all of them imports several.',
      severity: 'error',
      from: { path: '^src/requests/', pathNot: `^src/requests/use-cases\\.ts$|${test}` },
      to: { path: '^src/requests/' },
    },
    {
      name: 'tests-stay-in-their-room',
      comment: 'A unit test reaches no further than its file may, but for test/support.',
      severity: 'error',
      from: { path: `^(src|client)/([^/]+/).*${test}` },
      to: { path: '^(scripts|bench|loadtest|test)/', pathNot: '^test/(support|contract)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: {},
      to: { path: test },
    },
    {
      name: 'no-node-in-portable-rooms',
      comment: 'These rooms run in browsers too, or are pure rules.',
      severity: 'error',
      from: { path: '^(src/(protocol|domain)|client/(chat|crypto|sdk|texts|web))/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'chat-has-no-face',
      comment: 'Whatever shows the chat imports it, never the other way; its tests do without a face too.',
      severity: 'error',
      from: { path: '^client/chat/' },
      to: { path: `^client/(tui|web|cli|terminal)/|${inPackage('ink|react|preact')}` },
    },
    {
      name: 'only-command-lines-load-their-words',
      comment: 'A page of a browser has no use for them.',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/(cli|admin|texts)/' },
      to: { path: '^client/texts/(cli-texts|english/cli-english)' },
    },
    {
      name: 'only-the-terminal-loads-its-words',
      comment: 'Another face of the chat has words of its own.',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/(tui|texts)/' },
      to: { path: '^client/texts/(tui-texts|english/tui-english)' },
    },
    {
      name: 'only-the-page-loads-its-words',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/(web|texts)/' },
      to: { path: '^client/texts/(web-texts|english/web-english)' },
    },
    {
      name: 'protocol-imports-messagepack-only',
      severity: 'error',
      from: { path: '^src/protocol/', pathNot: test },
      to: { path: 'node_modules/', pathNot: inPackage('@msgpack/msgpack') },
    },
    {
      name: 'pure-rooms-import-no-package',
      severity: 'error',
      from: { path: '^src/(lib|domain|ports|core|requests|gateway)/', pathNot: test },
      to: { path: 'node_modules/', pathNot: inPackage('@msgpack/msgpack|lru-cache|p-map|p-retry') },
    },
    ...Object.entries(packages).map(([name, home]) => ({
      name: `home-of-${name.replace(/[^\w]+/g, '-')}`,
      severity: 'error',
      from: { path: '^(src|client)/', pathNot: `${home}|${test}` },
      to: { path: inPackage(name === 'uWebSockets\\.js' ? 'uWebSockets\\.js|uws-pack' : name) },
    })),
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      // What a page needs is bundled into it when the package is built.
      from: { path: '^(src|client)/', pathNot: `${test}|^client/web/` },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.cache)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
