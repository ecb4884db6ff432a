/**
 * What is between the tags of each element of that name, in order and as written. Enough for the answers of S3, whose elements have
 * no attributes and never hold one of their own name. Takes linear time whatever the text is.
 */
export function elementsOf(xml: string, name: string): readonly string[] {
  const [opening, closing] = [`<${name}>`, `</${name}>`];
  const inner: string[] = [];
  for (let from = xml.indexOf(opening); from >= 0; ) {
    const to = xml.indexOf(closing, from);
    if (to < 0) break;
    inner.push(xml.slice(from + opening.length, to));
    from = xml.indexOf(opening, to);
  }
  return inner;
}
