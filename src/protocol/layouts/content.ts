import { utf8 } from '../bytes.ts';
import { fileId, messageId, userId, why } from '../entities.ts';
import {
  CONTENT_BYTES_MAX,
  EXPIRES_MAX,
  EXPIRES_MIN,
  FALLBACK_BYTES_MAX,
  FILE_BYTES_MAX,
  FILE_KEY_BYTES,
  FILE_NAME_BYTES_MAX,
  FILE_TYPE_BYTES_MAX,
  FILES_MAX,
  HASH_BYTES,
  MENTIONS_MAX,
  PICTURE_SIDE_MAX,
  REACTION_BYTES_MAX,
  TEXT_BYTES_MAX,
  THUMBNAIL_BYTES_MAX,
} from '../limits.ts';
import { decodeStrict, encode } from '../message-pack.ts';
import {
  bool,
  bytes,
  bytesUpTo,
  Fault,
  isRecord,
  list,
  type MapShape,
  map,
  optional,
  type Parsed,
  type ParseMode,
  SCALAR,
  type Shape,
  uint,
  uintFrom,
} from '../shape.ts';

/**
 * What a message holds: MessagePack `[kind, body]`. The body of kind 0 is a text, that of each later kind a map. Readers skip
 * fields that they do not know, and show the `fallback` of a kind that they do not know.
 */

const content = {
  text: shortText(TEXT_BYTES_MAX),
  fallback: optional(shortText(FALLBACK_BYTES_MAX)),
  of: messageId,
};

const thumbnail = bytesUpTo(THUMBNAIL_BYTES_MAX);
/**
 * A file, and what opens it. `size` is without padding, `hash` the SHA-256 of all of it. `width` and `height`, in pixels, are those
 * of a picture; `thumbnail` is one in a small form, which a reader checks before it decodes it.
 */
const fileFields = map({
  file: fileId,
  key: bytes(FILE_KEY_BYTES),
  name: shortText(FILE_NAME_BYTES_MAX),
  type: shortText(FILE_TYPE_BYTES_MAX),
  size: uint(FILE_BYTES_MAX),
  hash: bytes(HASH_BYTES),
  width: optional(uint(PICTURE_SIDE_MAX)),
  height: optional(uint(PICTURE_SIDE_MAX)),
  thumbnail: optional(thumbnail),
});
export type SharedFile = Parsed<typeof fileFields>;

/** A reader skips a thumbnail that does not fit: the file needs none. Its sender may not write one. */
const file: Shape<SharedFile> = {
  ...fileFields,
  parse: (value, mode) => fileFields.parse(mode === 'lenient' ? withoutUnfitThumbnail(value) : value, mode),
};

/**
 * `re`: the message that this one answers. `mentions`: those who are meant, whatever the text calls them. `expires`: seconds after
 * it was shown to a reader at which that reader's client forgets it.
 */
const body = map({
  text: content.text,
  re: optional(messageId),
  mentions: optional(list(userId, MENTIONS_MAX)),
  files: optional(list(file, FILES_MAX)),
  expires: optional(uintFrom(EXPIRES_MIN, EXPIRES_MAX)),
});
export type MessageBody = Parsed<typeof body>;

/** The kinds whose body is a map, by their number on the wire. A number never gets a second meaning. */
const shapes = {
  message: { kind: 1, shape: body },
  /** The whole of a message anew, by its sender. */
  edit: { kind: 2, shape: map({ of: content.of, body, fallback: content.fallback }) },
  /** Its sender takes a message back. */
  retract: { kind: 3, shape: map({ of: content.of, fallback: content.fallback }) },
  /** One sign of approval or the like, given or (`add` is false) taken back. */
  react: {
    kind: 4,
    shape: map({ of: content.of, emoji: reaction(), add: bool, fallback: content.fallback }),
  },
  /** The owner or a moderator asks readers to fold up a message, whoever sent it. */
  remove: { kind: 5, shape: map({ of: content.of, why: optional(why), fallback: content.fallback }) },
} as const satisfies Record<string, { readonly kind: number; readonly shape: MapShape<unknown> }>;

type Shapes = typeof shapes;
type ShapedType = keyof Shapes;

/** What this release can send. */
export type SentContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly [Type in ShapedType]: { readonly type: Type } & Parsed<Shapes[Type]['shape']> }[ShapedType];

/** `unknown`: of a later release. */
export type Content = SentContent | { readonly type: 'unknown'; readonly fallback?: string };

const KIND_TEXT = 0;
/** Deeper than any kind of today, for those to come. */
const CAPS = { depthMax: 8, itemsMax: 1024 };

/** Throws RangeError for a text over 16 KiB of UTF-8, or what is too long in another way. */
export function encodeContent(sent: SentContent): Uint8Array<ArrayBuffer> {
  const encoded = encode(packed(sent));
  if (encoded.length > CONTENT_BYTES_MAX || !parseIn('strict', encoded).ok)
    throw new RangeError('a message holds at most 16 KiB of UTF-8');
  return encoded;
}

function packed(sent: SentContent): readonly unknown[] {
  if (sent.type === 'text') return [KIND_TEXT, sent.text];
  const { kind, shape } = shapes[sent.type];
  return [kind, (shape as Shape<unknown>).pack(sent)];
}

export type ParsedContent = { readonly ok: true; readonly content: Content } | { readonly ok: false };

/** Reads unpadded content; strict but for fields and kinds of later releases. Never throws. */
export function parseContent(bytes: Uint8Array): ParsedContent {
  return parseIn('lenient', bytes);
}

function parseIn(mode: ParseMode, bytes: Uint8Array): ParsedContent {
  const decoded = decodeStrict(bytes, CAPS);
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2) return { ok: false };
  const [kind, value]: readonly unknown[] = decoded.value;
  if (!Number.isSafeInteger(kind) || Number(kind) < 0) return { ok: false };
  const parsed = kind === KIND_TEXT ? parseText(value) : parseShaped(mode, Number(kind), value);
  return parsed === undefined ? { ok: false } : { ok: true, content: parsed };
}

function parseText(value: unknown): Content | undefined {
  const text = content.text.parse(value, 'strict');
  return text instanceof Fault ? undefined : { type: 'text', text };
}

const typesByKind: ReadonlyMap<number, ShapedType> = new Map(
  (Object.keys(shapes) as ShapedType[]).map((type) => [shapes[type].kind, type]),
);

function parseShaped(mode: ParseMode, kind: number, value: unknown): Content | undefined {
  const type = typesByKind.get(kind);
  if (type === undefined) return { type: 'unknown', ...fallbackOf(value) };
  const parsed = (shapes[type].shape as Shape<object>).parse(value, mode);
  return parsed instanceof Fault ? undefined : ({ type, ...parsed } as Content);
}

function fallbackOf(value: unknown): { readonly fallback?: string } {
  const fallback = isRecord(value) ? content.fallback.parse(value['fallback'], 'lenient') : undefined;
  return typeof fallback === 'string' ? { fallback } : {};
}

function withoutUnfitThumbnail(value: unknown): unknown {
  if (!isRecord(value) || !(thumbnail.parse(value['thumbnail'], 'strict') instanceof Fault)) return value;
  const { thumbnail: _unfit, ...others } = value;
  return others;
}

/** Bounded in bytes of UTF-8. */
function shortText(bytesMax: number): Shape<string> {
  return {
    label: `text ≤ ${bytesMax} bytes`,
    extent: { ...SCALAR, textBytes: bytesMax },
    parse: (value) =>
      typeof value === 'string' && utf8(value).length <= bytesMax ? value : new Fault('is too long'),
    pack: (value) => value,
  };
}

/** Any short text without spaces and controls: what counts as one emoji changes with every release of Unicode. */
function reaction(): Shape<string> {
  const bounded = shortText(REACTION_BYTES_MAX);
  return {
    ...bounded,
    label: `text of 1 to ${REACTION_BYTES_MAX} bytes without spaces or controls`,
    parse: (value, mode) => {
      const text = bounded.parse(value, mode);
      return text instanceof Fault || /^[^\p{Cc}\p{Z}]+$/u.test(text) ? text : new Fault('is no reaction');
    },
  };
}
