/** What the screen draws with, and what looks most like it in ASCII: one column each. */
const asciiSigns: Readonly<Record<string, string>> = {
  '│': '|',
  '─': '-',
  '›': '>',
  '●': '*',
  '○': 'o',
  '✓': '+',
  '✗': 'x',
  '✎': '%',
  '↳': '>',
  '…': '.',
  '·': '-',
  '–': '-',
  '↑': '^',
  '↓': 'v',
  '•': '*',
  '“': '"',
  '”': '"',
};
const drawn = new RegExp(`[${Object.keys(asciiSigns).join('')}]`, 'gu');

/** For a terminal that shows no more than ASCII. What people write stays as it is. */
export function withAsciiSigns(text: string): string {
  return text.replace(drawn, (sign) => asciiSigns[sign] ?? sign);
}

/** Whether the locale names an encoding that is not UTF-8. None at all says nothing about the terminal. */
export function isAsciiLocale({
  LC_ALL: all = '',
  LC_CTYPE: ctype = '',
  LANG: lang = '',
}: Readonly<Record<string, string | undefined>>): boolean {
  const locale = all || ctype || lang;
  return locale !== '' && !/utf-?8/i.test(locale);
}
