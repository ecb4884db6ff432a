import type { UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { checkedThumbnail } from '../../sdk/files/thumbnail.ts';
import type { RemoveAction, TimelineMessage } from '../../sdk/rooms/timeline.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { isoTime, localTime } from '../output.ts';
import { filesOf, type HistoryFormat, reactionsTo, remarksOn, removedBy, textOf } from './history-text.ts';

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
article { margin: 0.75rem 0 }
img { display: block; max-width: 100%; height: auto; margin: 0.25rem 0 }
p { margin: 0; white-space: pre-wrap }
time, small, summary, .gap, .over { opacity: 0.7; font-size: 0.85em }
.over { font-style: italic }
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
    const { message, removal, wording } = shown;
    const { at, from, id } = message;
    const title = escaped(cliTexts.said.answers_earlier);
    const answered =
      wording.re === undefined
        ? ''
        : ` <a href="#${wording.re}" title="${title}" aria-label="${title}">↩</a>`;
    const remarks = [...filesOf(shown), ...remarksOn(shown), ...reactionsTo(shown, nameOf)];
    const below = remarks.map((remark) => `<small>${escaped(remark)}</small>`).join(' · ');
    const time = `<time datetime="${isoTime(at)}">${localTime(at)}</time>`;
    const said = removal === undefined ? saidIn(shown) : foldedUp(saidIn(shown), removal);
    return `<article id="${id}"><b>${escaped(from)}</b> ${time}${answered}${said}${thumbnailsOf(shown)}${below}</article>\n`;
  }

  gap(said: string): string {
    return `<p class="gap">${escaped(said)}</p>\n`;
  }
}

/** What is said of a message does not look like what its sender wrote: anybody can write the same words. */
function saidIn(shown: TimelineMessage): string {
  const isText = shown.message.status === 'ok' && !shown.isRetracted && !shown.hasDisappeared;
  return `<p dir="auto"${isText ? '' : ' class="over"'}>${escaped(textOf(shown))}</p>`;
}

/** Readers decide for themselves whether they look at it. */
function foldedUp(said: string, removal: RemoveAction): string {
  return `<details><summary>${escaped(removedBy(removal))}</summary>${said}</details>`;
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
