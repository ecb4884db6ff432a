/** A place that a terminal opens when somebody clicks on its address. */
export interface TerminalLink {
  /** Printable ASCII without spaces: nothing in it can end the sequence. */
  readonly url: string;
  /** Letters, digits, dots and dashes. Parts of one link have the same, wherever it was wrapped. */
  readonly id: string;
}

/** Terminals drop longer ones. */
const URL_CHARS_MAX = 2048;
const httpAddress = /^https?:\/\/[\x21-\x7e]+$/i;

/**
 * A link that opens exactly the address that is shown. Undefined for any other scheme, for names and passwords in front of the host
 * (`https://bank.example@evil.example`), for what a browser would read in another way, and for what is not ASCII: letters of other
 * scripts may look like those of a known host.
 */
export function terminalLink(shown: string, id: string): TerminalLink | undefined {
  if (!httpAddress.test(shown) || shown.length > URL_CHARS_MAX || !URL.canParse(shown)) return undefined;
  const { href, username, password } = new URL(shown);
  // A browser adds the slash after a host, and writes hosts in small letters.
  const isExact = [shown, `${shown}/`].some((each) => each.toLowerCase() === href.toLowerCase());
  return isExact && username === '' && password === '' ? { url: shown, id } : undefined;
}

/** OSC 8: what stands between the two is drawn as a link. */
export function linked(text: string, { url, id }: TerminalLink): string {
  return `\u001b]8;id=${id};${url}\u0007${text}\u001b]8;;\u0007`;
}

/** Of terminals that are known to print such sequences, or to stumble over them; others skip what they do not know. */
const withoutLinks = /^(?:linux|vt\d|ansi|cons|dumb|eterm|sun|$)/i;

export function showsLinks({ TERM: term = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return !withoutLinks.test(term);
}
