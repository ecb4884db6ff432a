import type { UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { checkedThumbnail } from '../../sdk/files/thumbnail.ts';
import type { TimelineMessage } from '../../sdk/rooms/timeline.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { isoTime, localTime } from '../output.ts';
import { filesOf, type HistoryFormat, reactionsTo, remarksOn, textOf } from './history-text.ts';

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
article { margin: 0.75rem 0 }
img { display: block; max-width: 100%; height: auto; margin: 0.25rem 0 }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
time, small, .gap { opacity: 0.7; font-size: 0.85em }
`;

/** One page without scripts that loads nothing. Whatever people wrote is text in it; thumbnails of theirs are in the page itself. */
export class HtmlPage implements HistoryFormat {
  readonly before: string;
  readonly after = '</main>\n</html>\n';

  constructor(place: { readonly room: string; readonly user: string; readonly server: string }) {
    const exported = filled(cliTexts.said.exported_by, { ...place, time: localTime(Date.now()) });
    this.before = `<!doctype html>
<html lang="${escaped(texts.locale)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(place.room)}</title>
<style>${style}</style>
<header><h1>${escaped(place.room)}</h1><small>${escaped(exported)}</small></header>
<main>
`;
  }

  message(shown: TimelineMessage, nameOf: (user: UserId) => string): string {
    const { at, from, id } = shown.message;
    const { re } = shown.wording;
    const answered = re === undefined ? '' : ` <a href="#${re}">↩</a>`;
    const remarks = [...filesOf(shown), ...remarksOn(shown), ...reactionsTo(shown, nameOf)];
    const below = remarks.map((remark) => `<small>${escaped(remark)}</small>`).join(' · ');
    const time = `<time datetime="${isoTime(at)}">${localTime(at)}</time>`;
    return `<article id="${id}"><b>${escaped(from)}</b> ${time}${answered}<p dir="auto">${escaped(textOf(shown))}</p>${thumbnailsOf(shown)}${below}</article>\n`;
  }

  gap(said: string): string {
    return `<p class="gap">${escaped(said)}</p>\n`;
  }
}

/** What a moderator removed can be read, but is not put before anybody's eyes. */
function thumbnailsOf({ removal, wording: { files = [] } }: TimelineMessage): string {
  return removal === undefined ? files.map(thumbnailOf).join('') : '';
}

/** Nothing for what the page of the web client would not show either. Its type and size are those that were found, not those claimed. */
function thumbnailOf({ name, thumbnail }: SharedFile): string {
  const checked = thumbnail && checkedThumbnail(thumbnail);
  if (checked === undefined) return '';
  const { type, width, height, bytes } = checked;
  const address = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
  return `<img src="${address}" width="${width}" height="${height}" alt="${escaped(visibleLine(name))}">`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] ?? '');
