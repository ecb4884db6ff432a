import { bytesUpTo } from '../profile/bounded-file.ts';

/** The text of an answer over HTTP; undefined when it is longer than that. */
export async function limitedBody(response: Response, bytesMax: number): Promise<string | undefined> {
  return (await bytesUpTo(response.body ?? [], bytesMax))?.toString('utf8');
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
