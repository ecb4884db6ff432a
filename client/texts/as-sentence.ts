/** With a full stop, unless it ends as a sentence of its own does: what is wrong with a connection often asks something. */
export function asSentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}
