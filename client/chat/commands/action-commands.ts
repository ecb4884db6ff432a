import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { MENTIONS_MAX } from '../../../src/protocol/limits.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { applied, type CarriedFiles, carriedFiles } from '../../sdk/rooms/timeline.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { answered } from '../model/actions.ts';
import { isIgnored, type MessageEntry, mentions, saysSomething } from '../model/entry.ts';
import { type Model, roomOf, withRoom } from '../model/model.ts';
import type { Intent } from '../model/room-model.ts';
import { messageAt, selectedMessage, withIntent, withSelected } from '../model/selection.ts';
import { acceptByWriting } from '../rooms/invitations.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { shortNameOf } from './argument-kinds.ts';
import { type CommandContext, requireServer, shownRoom } from './command-context.ts';
import type { CommandCall } from './command-table.ts';
import { knownEmoji } from './complete.ts';

const { messages: texts } = chatTexts;

/** Offered first of all emoji. */
const COMMON_EMOJI: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];

type ActionCall = Extract<CommandCall, { readonly name: 'reply' | 'edit' | 'retract' | 'react' | 'copy' }>;

/** What is done with the selected message. */
export async function runActionCommand(context: CommandContext, call: ActionCall): Promise<void> {
  switch (call.name) {
    case 'reply':
      return replyTo(context, call.text);
    case 'edit':
      return editMessage(context, call.text);
    case 'retract':
      return retractMessage(context);
    case 'react':
      return reactToMessage(context, call.emoji);
    case 'copy':
      return copyMessage(context);
    default:
      return call satisfies never;
  }
}

/** Sends what is typed: as a message of its own, an answer or the new text of a message. */
export async function sendTyped(context: CommandContext, text: string): Promise<void> {
  const session = shownRoom(context);
  const { id } = session.room;
  const room = roomOf(context.store.model, id);
  const intent = room?.intent;
  acceptByWriting(context, id);
  if (room === undefined || intent === undefined) {
    session.outbox.send(text);
    return;
  }
  const entry = messageAt(room, intent.seq);
  if (entry === undefined) throw new ConclaveError('usage', texts.not_loaded);
  if (intent.kind === 'reply') {
    session.outbox.send(text, answered(entry.id, entry));
    context.store.change((model) => withIntent(model, id, undefined));
    return;
  }
  requireServer(context, '/edit');
  // At once: what is typed while the edit is on its way is a message of its own.
  context.selection.forgetIntent();
  try {
    await replaceText(session, entry, text);
  } catch (error) {
    context.store.change((model) => withIntentAgain(model, id, intent));
    throw error;
  }
}

/** After a failure; not when something else was begun meanwhile. The input is empty then, for what is given back to it. */
function withIntentAgain(model: Model, id: RoomId, intent: Intent): Model {
  const room = roomOf(model, id);
  if (room?.intent !== undefined || room?.draft !== intent.before) return model;
  return withRoom(withIntent(model, id, intent), id, (now) => ({ ...now, draft: '' }));
}

function replyTo(context: CommandContext, text: string): void {
  const session = shownRoom(context);
  const entry = targetOf(context, session, 'others');
  session.outbox.send(text, answered(entry.id, entry));
  deselect(context, session.room.id);
}

/** What is typed from now on answers the selected message. */
export function beginReply(context: CommandContext): void {
  begin(context, 'reply', 'others');
}

/** Without a text: what it says now comes into the input, to be changed there. */
export async function editMessage(context: CommandContext, text: string | undefined): Promise<void> {
  const session = shownRoom(context);
  if (text === undefined) {
    const entry = begin(context, 'edit', 'own');
    // What begins with a slash is written as somebody types it.
    const isCommand = entry.text.startsWith('/') && !entry.text.startsWith('/me ');
    context.write(isCommand ? `/${entry.text}` : entry.text);
    return;
  }
  await replaceText(session, targetOf(context, session, 'own'), text);
  deselect(context, session.room.id);
}

/** An edit replaces all of a message: what it answers, and when it disappears, stays, and it mentions whom the new text names. */
async function replaceText(
  session: RoomSession,
  { id, answers, expires, message: { files = [] } }: MessageEntry,
  text: string,
): Promise<void> {
  const re = answers === undefined ? {} : { re: answers.id };
  const life = expires === undefined ? {} : { expires };
  await session.room.edit(id, text, { ...re, mentions: await namedIn(session, text), files, ...life });
}

async function namedIn({ room }: RoomSession, text: string): Promise<readonly UserId[]> {
  const named = (await room.members()).filter(({ user }) => mentions(text, user));
  return named.slice(0, MENTIONS_MAX).map(({ id }) => id);
}

export async function retractMessage(context: CommandContext): Promise<void> {
  const session = shownRoom(context);
  const selected = selectedMessage(roomOf(context.store.model, session.room.id));
  // Others may not have seen what has disappeared here.
  const isOver = selected?.own === true && selected.disappeared;
  const entry = isOver ? selected : targetOf(context, session, 'own');
  const { text } = answered(entry.id, entry);
  const carried = carriedBy(context, session, entry);
  const about = [
    ...(text === undefined ? [] : [texts.quoted(text)]),
    texts.retract_about,
    ...filesGo(carried),
  ];
  if (!(await context.dialogs.confirm(texts.retract, about, texts.retract_yes))) return;
  await session.room.retract(entry.id, { carried });
  deselect(context, session.room.id);
}

/** Of the owner and moderators. */
export async function removeMessage(context: CommandContext, why: string | undefined): Promise<void> {
  const session = shownRoom(context);
  const entry = targetOf(context, session, 'others');
  const { text = '' } = answered(entry.id, entry);
  const carried = carriedBy(context, session, entry);
  const about = [texts.quoted_by(text, entry.from), texts.remove_about, ...filesGo(carried)];
  if (!(await context.dialogs.confirm(texts.remove, about, texts.remove_yes))) return;
  await session.room.remove(entry.id, why, { carried });
  deselect(context, session.room.id);
}

function carriedBy({ store }: CommandContext, { room }: RoomSession, entry: MessageEntry): CarriedFiles {
  const actions = roomOf(store.model, room.id)?.timeline.actions.get(entry.id) ?? [];
  return carriedFiles(applied(entry.message, actions));
}

const filesGo = ({ files }: CarriedFiles): readonly string[] => (files.length === 0 ? [] : [texts.files_go]);

/** A second time takes it back. Without an emoji, one is chosen by its name. */
export async function reactToMessage(context: CommandContext, given: string | undefined): Promise<void> {
  const session = shownRoom(context);
  const { seq } = targetOf(context, session, 'others');
  const emoji = given === undefined ? await pickEmoji(context) : await emojiOf(given);
  if (emoji === undefined) return;
  // It may have been taken back while somebody chose.
  const room = roomOf(context.store.model, session.room.id);
  const entry = room && messageAt(room, seq);
  if (entry === undefined) throw new ConclaveError('usage', texts.not_loaded);
  const isThere = entry.reactions.some((reaction) => reaction.own && reaction.emoji === emoji);
  await session.room.react(entry.id, emoji, { add: !isThere });
  deselect(context, session.room.id);
}

async function pickEmoji({ dialogs }: CommandContext): Promise<string | undefined> {
  const rank = new Map(COMMON_EMOJI.map((emoji, at) => [emoji, at]));
  const items = (await knownEmoji())
    .flatMap(({ emoji, names }) => names.map((name) => ({ emoji, name })))
    .sort((a, b) => (rank.get(a.emoji) ?? rank.size) - (rank.get(b.emoji) ?? rank.size))
    .map(({ emoji, name }) => ({ id: name, label: texts.emoji_label(emoji, name), detail: '' }));
  const name = await dialogs.pick({
    title: texts.react,
    items,
    nothing: texts.react_nothing,
    match: 'letters',
  });
  return name === undefined ? undefined : emojiOf(`:${name}:`);
}

async function emojiOf(given: string): Promise<string> {
  const name = shortNameOf(given);
  if (name === undefined) return given;
  const found = (await knownEmoji()).find(({ names }) => names.includes(name));
  if (found === undefined) throw new ConclaveError('usage', chatTexts.input.no_emoji(name));
  return found.emoji;
}

export async function copyMessage(context: CommandContext): Promise<void> {
  const session = shownRoom(context);
  const { text } = targetOf(context, session, 'any');
  if (text === '') throw new ConclaveError('usage', texts.copied_empty);
  await context.face.copy(text, context);
  deselect(context, session.room.id);
}

function begin(context: CommandContext, kind: 'reply' | 'edit', whose: 'own' | 'others'): MessageEntry {
  const session = shownRoom(context);
  const { id } = session.room;
  const entry = targetOf(context, session, whose);
  const known = roomOf(context.store.model, id);
  const before = known?.intent?.kind === 'edit' ? known.intent.before : (known?.draft ?? '');
  context.store.change((model) => withIntent(model, id, { kind, seq: entry.seq, before }));
  return entry;
}

export function deselect({ store }: CommandContext, id: RoomId): void {
  store.change((model) => withSelected(model, id, undefined));
}

/** The selected message, else the last of the room that still says something. Throws ConclaveError. */
function targetOf(
  { store }: CommandContext,
  session: RoomSession,
  whose: 'own' | 'others' | 'any',
): MessageEntry {
  const { ignored } = store.model;
  const room = roomOf(store.model, session.room.id);
  const selected = selectedMessage(room);
  if (selected !== undefined) {
    if (!saysSomething(selected)) throw new ConclaveError('usage', texts.says_nothing);
    if (whose === 'own' && !selected.own) throw new ConclaveError('usage', texts.not_yours(selected.from));
    return selected;
  }
  const timeline = room?.timeline;
  if (timeline?.cutAfter !== undefined) throw new ConclaveError('usage', texts.not_at_end);
  if (whose === 'own' && timeline !== undefined && timeline.echoes.length > 0)
    throw new ConclaveError('usage', texts.not_arrived);
  const isWanted = (entry: MessageEntry): boolean =>
    whose === 'own' ? entry.own : !isIgnored(entry.from, ignored) && (whose === 'any' || !entry.own);
  const found = timeline?.entries.findLast(
    (entry) =>
      entry.kind === 'message' && saysSomething(entry) && entry.removed === undefined && isWanted(entry),
  );
  if (found?.kind === 'message') return found;
  throw new ConclaveError('usage', noneTexts[whose]);
}

const noneTexts = { own: texts.none_of_yours, others: texts.none_of_others, any: texts.none_loaded } as const;
