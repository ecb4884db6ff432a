import { why } from '../../../src/protocol/entities.ts';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import {
  EXPIRES_MAX,
  MENTIONS_MAX,
  REACTION_BYTES_MAX,
  TEXT_BYTES_MAX,
} from '../../../src/protocol/limits.ts';
import {
  bool,
  Fault,
  isRecord,
  list,
  map,
  oneOf,
  optional,
  type Parsed,
  parsedText,
  text,
  uint,
} from '../../../src/protocol/shape.ts';
import { parseShownRoomName } from '../../sdk/shown-room-name.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';

const messageId = parsedText(cliTexts.bot.message_id, parseMessageId);
/** `room`: needed when there is more than one. `tag`: comes back with the answer. */
const common = {
  room: optional(parsedText(cliTexts.bot.room_name, parseShownRoomName)),
  tag: optional(text(64)),
};
const words = {
  text: text(TEXT_BYTES_MAX),
  re: optional(messageId),
  mentions: optional(list(parsedText(cliTexts.bot.user_id, parseUserId), MENTIONS_MAX)),
  expires: optional(uint(EXPIRES_MAX)),
};

const shapes = {
  send: map({ type: oneOf('send'), ...common, ...words }),
  edit: map({ type: oneOf('edit'), ...common, of: messageId, ...words }),
  retract: map({ type: oneOf('retract'), ...common, of: messageId }),
  remove: map({ type: oneOf('remove'), ...common, of: messageId, why: optional(why) }),
  react: map({
    type: oneOf('react'),
    ...common,
    of: messageId,
    emoji: text(REACTION_BYTES_MAX),
    add: optional(bool),
  }),
  done: map({ type: oneOf('done'), ...common, seq: uint() }),
} as const;

/** What the program of a bot asks for: one JSON object on a line. */
export type BotRequest = {
  [Type in keyof typeof shapes]: Parsed<(typeof shapes)[Type]>;
}[keyof typeof shapes];

const types = Object.keys(shapes).join(', ');

/** A fault says what is wrong with the line, and where. */
export function parseBotRequest(line: string): BotRequest | Fault {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return new Fault(cliTexts.bot.not_json);
  }
  if (!isRecord(value)) return new Fault(cliTexts.bot.not_object);
  const { type } = value;
  if (typeof type !== 'string' || !isType(type))
    return new Fault(filled(cliTexts.bot.not_type, { types }), ['type']);
  return shapes[type].parse(value, 'strict');
}

const isType = (type: string): type is keyof typeof shapes => Object.hasOwn(shapes, type);
