import { Component, type JSX } from 'preact';
import { clockTime } from '../../chat/model/dates.ts';
import {
  type Answered,
  type Echo,
  type Entry,
  type Ignored,
  type MessageEntry,
  shownReactions,
} from '../../chat/model/entry.ts';
import { actionOf, insteadOfText, quotedLine, writtenText } from '../../chat/model/entry-words.ts';
import { addressesIn } from '../../chat/model/links.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { FileLine } from './file-line.tsx';
import { MessageActions } from './message-actions.tsx';
import { nameClass } from './name-class.ts';

const { timeline } = chatTexts;
const { page } = webTexts;

interface EntryProps {
  readonly acting: Acting;
  readonly item: Entry | Echo;
  readonly isSelected: boolean;
  readonly ignored: Ignored;
}

/** One thing in a timeline. Entries never change, so one that was drawn is drawn again only when another one takes its place. */
export class EntryView extends Component<EntryProps> {
  override shouldComponentUpdate(next: EntryProps): boolean {
    const { ignored, isSelected, item } = this.props;
    return item !== next.item || isSelected !== next.isSelected || ignored !== next.ignored;
  }

  override render({ acting, ignored, isSelected, item }: EntryProps): JSX.Element {
    if (!('kind' in item)) return <EchoView echo={item} ignored={ignored} />;
    switch (item.kind) {
      case 'message':
        return <MessageView {...{ acting, ignored, isSelected }} message={item} />;
      case 'gap':
        return <p class="happened warning">{timeline.gap(item.missing, item.from)}</p>;
      case 'event':
        return (
          <p class={`happened ${item.tone}`}>
            <time>{clockTime(item.at)}</time> {visibleLine(item.text)}
          </p>
        );
      default:
        return item satisfies never;
    }
  }
}

interface MessageProps {
  readonly acting: Acting;
  readonly message: MessageEntry;
  readonly isSelected: boolean;
  readonly ignored: Ignored;
}

function MessageView({ acting, ignored, isSelected, message }: MessageProps): JSX.Element {
  const { at, from, mention, own, reason, status, trust, user } = message;
  const classes = ['message', own ? 'own' : '', mention ? 'mention' : '', isSelected ? 'selected' : ''];
  const isReadable = status === 'ok';
  return (
    <article class={classes.filter(Boolean).join(' ')} data-seq={message.seq}>
      <header>
        <span class={`name ${isReadable ? nameClass(user) : ''}`}>{from}</span>
        {trust === 'changed' && (
          <span class="trust changed" role="img" aria-label={page.key_changed}>
            !
          </span>
        )}
        <time>{clockTime(at)}</time>
      </header>
      {isReadable ? (
        <>
          <Quoted answers={message.answers} ignored={ignored} />
          <Said acting={acting} message={message} />
          <Remarks message={message} />
          <Reactions acting={acting} ignored={ignored} message={message} />
        </>
      ) : (
        <p class="fault">
          {timeline.fault(texts.words.status[status], visibleLine(reason ?? timeline.no_reason))}
        </p>
      )}
      {isReadable && !message.retracted && <MessageActions acting={acting} message={message} />}
    </article>
  );
}

function Said({ acting, message }: Pick<MessageProps, 'acting' | 'message'>): JSX.Element {
  const { files = [], from, text } = message;
  const instead = insteadOfText(message);
  if (instead !== undefined) return <p class="instead">{visibleLine(instead)}</p>;
  return (
    <>
      {(text !== '' || files.length === 0) && <Words from={from} text={text} />}
      {files.map((file) => (
        <FileLine
          key={file.number}
          file={file}
          save={() => acting.run(() => acting.chat.carryOut(`/save ${file.number}`))}
        />
      ))}
    </>
  );
}

/** Text of others is text and nothing else; addresses in it can be followed. */
function Words({ from, text }: { readonly from: string; readonly text: string }): JSX.Element {
  const action = actionOf(text);
  const shown = visibleText(action === undefined ? text : `${from} ${action}`);
  const parts: (string | JSX.Element)[] = [];
  let end = 0;
  for (const { url, start, end: after } of addressesIn(shown)) {
    parts.push(shown.slice(end, start), <Address key={start} url={url} />);
    end = after;
  }
  parts.push(shown.slice(end));
  return (
    <p class={action === undefined ? 'text' : 'text action'} dir="auto">
      {parts}
    </p>
  );
}

function Address({ url }: { readonly url: string }): JSX.Element {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {url}
    </a>
  );
}

function Quoted({
  answers,
  ignored,
}: {
  readonly answers: Answered | undefined;
  readonly ignored: Ignored;
}): JSX.Element | null {
  if (answers === undefined) return null;
  return (
    <p class="quoted" dir="auto">
      {visibleLine(quotedLine(answers, ignored))}
    </p>
  );
}

/** A sender's own time is nobody's fault: whoever writes offline sends it later. */
function Remarks({
  message: { at, edited, marks, sentAt },
}: {
  readonly message: MessageEntry;
}): JSX.Element | null {
  const remarks = [
    ...(sentAt === undefined ? [] : [writtenText(sentAt, at)]),
    ...(edited ? [timeline.edited] : []),
  ];
  if (remarks.length === 0 && marks.length === 0) return null;
  return (
    <p class="remarks">
      {remarks.join(' ')}
      {marks.map((mark) => (
        <span class="warning" key={mark}>
          {timeline.mark(timeline.marks[mark])}
        </span>
      ))}
    </p>
  );
}

function Reactions({
  acting: { chat, run },
  ignored,
  message,
}: Pick<MessageProps, 'acting' | 'ignored' | 'message'>): JSX.Element | null {
  const reactions = shownReactions(message.reactions, ignored);
  if (reactions.length === 0) return null;
  return (
    <p class="reactions">
      {reactions.map(({ count, emoji, from, own }) => {
        const shown = visibleLine(emoji);
        return (
          <button
            type="button"
            key={emoji}
            aria-pressed={own}
            aria-label={page.reacted(shown, count, from.join(', '))}
            onClick={() =>
              run(() => {
                chat.selection.choose(message.seq);
                return chat.carryOut(`/react ${emoji}`);
              })
            }
          >
            <bdi>{shown}</bdi> {count}
          </button>
        );
      })}
    </p>
  );
}

const echoSigns = { pending: '…', sent: '✓', failed: '✗' } as const;

function EchoView({
  echo: { answers, at, files = [], from, reason, state, text },
  ignored,
}: {
  readonly echo: Echo;
  readonly ignored: Ignored;
}): JSX.Element {
  const fault = state === 'failed' ? page.failed(visibleLine(reason ?? timeline.no_reason)) : undefined;
  return (
    <article class={`message own echo ${state}`}>
      <header>
        <span class="name">{from}</span>
        <span class="state" role="img" aria-label={fault ?? (state === 'pending' ? page.pending : page.sent)}>
          {echoSigns[state]}
        </span>
        <time>{clockTime(at)}</time>
      </header>
      <Quoted answers={answers} ignored={ignored} />
      {(text !== '' || files.length === 0) && <Words from={from} text={text} />}
      {files.map((file) => (
        <FileLine key={file.name} file={file} />
      ))}
      {fault !== undefined && <p class="fault">{fault}</p>}
    </article>
  );
}
