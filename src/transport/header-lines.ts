import type { HttpRequest } from 'uWebSockets.js';

/**
 * The value of a header, all of its lines joined in order as HTTP joins them; empty when it is absent. `getHeader` of
 * the library gives the first line only: a proxy that adds its line below the client's would not be heard.
 */
export function headerLines(request: Pick<HttpRequest, 'forEach'>, lowerCaseName: string): string {
  const lines: string[] = [];
  request.forEach((name, value) => {
    if (name === lowerCaseName) lines.push(value);
  });
  return lines.join(', ');
}
