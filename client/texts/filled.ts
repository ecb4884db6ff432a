/** What a text is about. A name that is absent falls back to the words after the colon in its place. */
export type Values = Readonly<Record<string, string | number | undefined>>;

/** `{name}` and `{name:words without it}`. */
const place = /\{(\w+)(?::([^}]*))?\}/g;

export function filled(template: string, values: Values): string {
  return template.replace(place, (whole, name: string, words: string | undefined) =>
    String(values[name] ?? words ?? whole),
  );
}
