import { backupTexts } from './chat/backup.ts';
import { allowed, argumentNames, commands, input, sections } from './chat/commands.ts';
import { contactTexts } from './chat/contacts.ts';
import { fileTexts } from './chat/files.ts';
import { linkTexts } from './chat/link.ts';
import { clientTexts, messageTexts } from './chat/messages.ts';
import { notices, personTexts } from './chat/people.ts';
import { events, moderation, roomTexts } from './chat/rooms.ts';
import { passphrase, start } from './chat/start.ts';
import { status, timeline } from './chat/status.ts';

/** What the chat says, whatever shows it: it names commands, never keys. */
export const chatEnglish = {
  sections,
  commands,
  argumentNames,
  allowed,
  input,
  start,
  passphrase,
  rooms: roomTexts,
  events,
  moderation,
  people: personTexts,
  contacts: contactTexts,
  backup: backupTexts,
  link: linkTexts,
  notices,
  messages: messageTexts,
  files: fileTexts,
  status,
  timeline,
  client: clientTexts,
} as const;
