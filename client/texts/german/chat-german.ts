import type { chatEnglish } from '../english/chat-english.ts';
import type { Worded } from '../worded.ts';
import { backup } from './chat/backup.ts';
import { allowed, argumentNames, commands, input, sections } from './chat/commands.ts';
import { link } from './chat/link.ts';
import { client, contacts, files, messages } from './chat/messages.ts';
import { events, moderation, notices, people, rooms } from './chat/rooms.ts';
import { passphrase, start, status, timeline } from './chat/status.ts';

/** What the chat says, whatever shows it. */
export const chatGerman: Worded<typeof chatEnglish> = {
  sections,
  commands,
  argumentNames,
  allowed,
  input,
  start,
  passphrase,
  rooms,
  events,
  moderation,
  people,
  contacts,
  backup,
  link,
  notices,
  messages,
  files,
  status,
  timeline,
  client,
};
