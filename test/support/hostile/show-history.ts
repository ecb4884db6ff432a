import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import type { HostileServer } from './hostile-server.ts';

/** What a test makes of the messages that a reader gets of the one room. */
export type HistoryChange = (messages: readonly StoredMessage[]) => readonly StoredMessage[];

/** The server shows this as what is stored, which is no more than a page, to whoever reads after a position. */
export function showHistory(server: HostileServer, change: HistoryChange): void {
  // Whatever part a reader asks for, the change is made to all.
  server.divert('history', (body) => (body.after === undefined ? body : { ...body, after: 0, limit: 100 }));
  server.reply('history', (reply, { after }) => {
    if (after === undefined) return reply;
    const messages = change(reply.messages);
    const through = Math.max(reply.through, messages.at(-1)?.seq ?? 0);
    return { messages: messages.filter(({ seq }) => seq > after), through, more: false };
  });
}

/** The server says that the last position of each room is this one. */
export function showHead(server: HostileServer, head: number): void {
  server.claim((info) => ({ ...info, head }));
}

/** Another copy of the message at this index comes last, at this position. */
export const repeated =
  (index: number, seq: number): HistoryChange =>
  (messages) => [...messages, ...messages.slice(index, index + 1).map((message) => ({ ...message, seq }))];

/** The message at this index is another one. */
export const changed =
  (
    index: number,
    change: (message: StoredMessage, all: readonly StoredMessage[]) => Partial<StoredMessage>,
  ): HistoryChange =>
  (messages) =>
    messages.map((message, at) => (at === index ? { ...message, ...change(message, messages) } : message));

/** The last byte is another. */
export const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
