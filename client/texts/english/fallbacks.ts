/** What stands in the place of messages for clients that do not know their kind. Values: `text`, `emoji`. */
export const fallbacks = {
  unknown_kind: 'a kind of message that this client does not know: update the client',
  edited: '(edited) {text}',
  retracted: '(took a message back)',
  removed: '(removed a message)',
  reacted: '(reacted {emoji})',
  took_reaction: '(took {emoji} back)',
} as const;
