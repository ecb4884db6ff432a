/** Every limit of the wire that is the same on every server. Limits that an operator sets are in src/config. */

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = 'conclave.v1';
export const WEBSOCKET_PATH = '/v1';

export const USER_NAME_CHARS_MIN = 3;
export const USER_NAME_CHARS_MAX = 20;
export const ROOM_NAME_CHARS_MIN = 3;
export const ROOM_NAME_CHARS_MAX = 30;
/** Code points after NFKC. */
export const ROOM_PASSWORD_CHARS_MIN = 6;
export const ROOM_PASSWORD_CHARS_MAX = 60;

/** Bytes of UTF-8 in one message. */
export const TEXT_BYTES_MAX = 16 * 1024;
/** A text of TEXT_BYTES_MAX with its signature, framing and padding, and the 16 bytes of the AEAD's tag. */
export const CIPHERTEXT_BYTES_MAX = 20 * 1024 + 16;
/** What CIPHERTEXT_BYTES_MAX leaves for encoded content: without the tag, the signature and the padding's mark. */
export const CONTENT_BYTES_MAX: number = CIPHERTEXT_BYTES_MAX - 16 - 64 - 1;
/** Users whom one message mentions. */
export const MENTIONS_MAX = 100;
/** Seconds after it was shown that a message may ask to disappear: five seconds to a year. */
export const EXPIRES_MIN = 5;
export const EXPIRES_MAX = 31_536_000;
/** A room's signed setting of how long messages stay: two ids, a fingerprint, two numbers, and the signature. */
export const ROOM_LIFE_BYTES_MAX = 160;
/** The number of a room's next such setting is at most this much higher: nobody uses the numbers up. */
export const ROOM_LIFE_STEP_MAX = 1_000;
/** One emoji, with all that is joined to it. */
export const REACTION_BYTES_MAX = 32;
/** What is shown by clients that do not know a kind of content. */
export const FALLBACK_BYTES_MAX = 1024;
export const HEADER_BYTES_MAX = 512;
/** RSA-2048-OAEP output. */
export const WRAP_BYTES = 256;
export const HASH_BYTES = 32;
export const NONCE_BYTES = 32;
export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;
export const RSA_SIGNATURE_BYTES = 256;
/** SPKI DER of an RSA-2048 key with exponent 65537 is 294 bytes. */
export const RSA_SPKI_BYTES = 294;
export const IDENTITY_BYTES_MAX = 640;
export const SALT_BYTES = 32;
/** The key of an epoch, and everything else that is drawn or derived as a whole secret. */
export const EPOCH_KEY_BYTES = 32;
export const ML_KEM_768_KEY_BYTES = 1184;
export const ML_KEM_768_CIPHERTEXT_BYTES = 1088;
export const X25519_KEY_BYTES = 32;
export const EPOCH_RECORD_BYTES_MAX = 320;
/** The longest wrap of an epoch: one of keying 2. */
export const EPOCH_WRAP_BYTES_MAX = 1428;
/** The path of a tree of 2,048 leaves. */
export const EPOCH_PATH_BYTES_MAX = 352;
/** Of an epoch's wraps, in one request. */
export const EPOCH_PART_BYTES_MAX = 256 * 1024;
/** The wraps of keying 2 for 2,000 members are 11 parts. */
export const EPOCH_PARTS_MAX = 16;
/** A part waits this long for the epoch that it belongs to. */
export const EPOCH_PART_LIFE_MS = 60_000;
/** A page is 220 KB at most. */
export const EPOCHS_PAGE_MAX = 100;
/** Numbers that an epoch may leave out: a server that was restored has forgotten some. */
export const EPOCH_GAP_MAX = 1_000;
/** So long one member is left to make the next epoch. */
export const EPOCH_LEASE_MS = 10_000;
/** An epoch of this age may be followed by one of reason 4. */
export const EPOCH_AGE_MS = 7 * 24 * 60 * 60 * 1000;
/** One member makes an epoch of reason 5 in a room at most once in this time. */
export const EPOCH_REPAIR_INTERVAL_MS = 10 * 60 * 1000;
export const PREKEY_BYTES_MAX = 1400;
/** A prekey is for one week of the identity that signed it. */
export const PREKEY_WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** From the week that it is, how many an account publishes ahead of it. */
export const PREKEY_WEEKS_AHEAD = 8;
/** Prekeys in one request: one more than there are for use, for clocks that differ. */
export const PREKEYS_MAX = 10;
/** A page is 180 KB at most. */
export const PREKEYS_PAGE_MAX = 128;
/** One part of a sealed account: of a backup, or of what a link hands over. */
export const SEALED_PART_BYTES_MAX: number = 256 * 1024;
export const SEALED_PARTS_MAX = 16;
/** Parts of a backup that did not come into force are removed after this time. */
export const BACKUP_UPLOAD_LIFE_MS = 60 * 60 * 1000;
/** From its first entry, a channel between two devices is open this long. */
export const LINK_LIFE_MS = 10 * 60 * 1000;
/** An entry of a device that is not logged in: a public key and a nonce. */
export const LINK_GREETING_BYTES_MAX = 64;
/** Number of the last entry of a channel: three greetings, the parts, and the end. */
export const LINK_ENTRIES_LAST: number = 3 + SEALED_PARTS_MAX;
/** A signed invitation: three ids, a name, a time, and the signature. */
export const INVITATION_LETTER_BYTES_MAX = 192;
/** Invitations and requests for a direct room that wait for one user. */
export const INVITATIONS_WAITING_MAX = 100;
/** An invitation to a room that nobody answered is gone after this time; a request for a direct room stays. */
export const INVITATION_LIFE_MS: number = 14 * 24 * 60 * 60 * 1000;
/** Users whom one user has blocked. */
export const BLOCKS_MAX = 500;
export const BLOCKS_PAGE_MAX = 200;
/** Rooms, and people who are or were ignored, in the state of one user. */
export const USER_STATE_ROOMS_MAX = 500;
export const USER_STATE_IGNORED_MAX = 500;
/** The state of one user, sealed: the layout's number, a nonce, the padded content and its tag. */
export const USER_STATE_BYTES_MAX: number = 1 + 12 + 64 * 1024 + 16;
export const TOKEN_BYTES_MAX = 256;
export const CURSOR_BYTES_MAX = 256;

/** A send to 1,000 members: 256,000 bytes of wraps and a message of 16 KiB fit. */
export const INBOUND_FRAME_BYTES_MAX = 320 * 1024;
export const INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN = 16 * 1024;
/** What a server may send in one frame: a page of members or of history is the largest. */
export const OUTBOUND_FRAME_BYTES_MAX = 512 * 1024;
/** Of a batch, which is one message of a WebSocket with several frames in it. */
export const BATCH_BYTES_MAX = 96 * 1024;
export const BATCH_FRAMES_MAX = 256;

/** Of a room of suite 1, whose messages have a wrap for every member. */
export const WRAPPED_MEMBERS_MAX = 1000;
/** Of any room. */
export const ROOM_MEMBERS_MAX = 2000;
/** Users banned from one room; whoever is one too many has to wait until others are unbanned. */
export const ROOM_BANS_MAX = 1000;
/** The deepest frame there is: the reply to `enter`, down to one present user. */
export const NESTING_DEPTH_MAX = 7;
/** Elements of one array or keys of one map in any frame. */
export const CONTAINER_ITEMS_MAX = 1024;

/** A typing notice of one user in one room is passed on at most once in this time. */
export const TYPING_INTERVAL_MS = 3_000;
/** So long it holds at those who hear it. */
export const TYPING_SHOWN_MS = 6_000;
/** Rooms with more members online get no typing notices: nobody could follow them. */
export const TYPING_ONLINE_MAX = 50;

/** Of the words in which somebody says why a member is put out. */
export const WHY_CHARS_MAX = 200;

/** Files of one message. */
export const FILES_MAX = 10;
export const FILE_NAME_BYTES_MAX = 255;
/** A media type, as in HTTP. */
export const FILE_TYPE_BYTES_MAX = 127;
export const FILE_KEY_BYTES = 32;
/** A small picture of a picture, inside the message. */
export const THUMBNAIL_BYTES_MAX = 2 * 1024;
/** Pixels along one side of it: readers decode no larger one. */
export const THUMBNAIL_SIDE_MAX = 512;
/** Pixels along one side. */
export const PICTURE_SIDE_MAX = 1_000_000;
/** Plaintext of every chunk of a file but the last, which may be shorter. */
export const FILE_CHUNK_BYTES = 256 * 1024;
/** What encryption adds to each chunk: the AEAD's tag. */
export const FILE_TAG_BYTES = 16;
/** Bytes of all stored chunks of one file, whatever a server allows: 65,536 chunks. */
export const FILE_BYTES_MAX: number = 65_536 * (FILE_CHUNK_BYTES + FILE_TAG_BYTES);
/** A bit for each chunk. */
export const FILE_BITMAP_BYTES_MAX: number = 65_536 / 8;
export const FILE_TICKET_BYTES_MAX = 256;
export const FILE_TICKET_LIFE_MS = 10 * 60_000;
/** An upload that is not finished by then is removed. */
export const UPLOAD_LIFE_MS = 60 * 60_000;

export const RETENTION_DAYS_DEFAULT = 30;
export const RETENTION_DAYS_MAX = 3650;
export const RETENTION_HOURS_MAX: number = 24 * RETENTION_DAYS_MAX;

export const ENTER_ROOMS_MAX = 100;
export const HISTORY_MESSAGES_MAX = 100;
export const HISTORY_BYTES_MAX = 256 * 1024;
export const MEMBERS_PAGE_MAX = 200;
/** Roles that ended, in a page of what changed. */
export const FORMER_ROLES_PAGE_MAX = 1_000;
export const BANS_PAGE_MAX = 200;
export const ROOMS_PAGE_MAX = 100;
export const MINE_PAGE_MAX = 100;
/** Documents of one account: a rotation beyond is refused with `too_large`. */
export const IDENTITY_CHAIN_MAX = 1_000;
export const IDENTITY_CHAIN_PAGE_MAX = 50;
/** Above this many online in a room, presence events carry counts only. */
export const PRESENCE_USERS_MAX = 200;

export const FEATURES_MAX = 64;
export const FEATURE_NAME_CHARS_MAX = 32;
/** Of the id that a gateway gives a connection. */
export const CONNECTION_ID_CHARS_MAX = 16;

export const CHALLENGE_LIFE_MS = 30_000;
export const TOKEN_LIFE_MS = 24 * 60 * 60 * 1000;
/** Readers hold deliveries that came out of order this long before they ask history. */
export const REORDER_HOLD_MS = 250;
/** A sender's time further than this from the server's `at` marks the message late. */
export const SENDER_TIME_SKEW_MS = 24 * 60 * 60 * 1000;

/** `count` in `periodMs` on average, and up to `burst` at once. */
export type Rate = { readonly count: number; readonly periodMs: number; readonly burst: number } | 'off';
/** Suites of rooms: 1 wraps a key for every member and message, 2 for every member and epoch. */
export const SUITE_FIRST = 1;
export const SUITE_LAST = 2;
/** Layouts of a message's header: see HeaderLayout. */
export const HEADER_LAYOUT_FIRST = 1;
export const HEADER_LAYOUT_LAST = 2;
