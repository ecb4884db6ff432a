import { Component, type JSX } from 'preact';
import type { Role } from '../../../src/protocol/entities.ts';
import { clockTime } from '../../chat/model/dates.ts';
import {
  type Answered,
  type Echo,
  type Entry,
  type Ignored,
  type MessageEntry,
  saysSomething,
  shownReactions,
} from '../../chat/model/entry.ts';
import {
  actionOf,
  insteadOfText,
  passingText,
  quotedLine,
  writtenText,
} from '../../chat/model/entry-words.ts';
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
  /** The Tab key leads to it, and on to what is in it. */
  readonly isCurrent: boolean;
  readonly ignored: Ignored;
  /** Of whoever reads, in this room. */
  readonly role: Role;
}

/** One thing in a timeline. Entries never change, so one that was drawn is drawn again only when another one takes its place. */
export class EntryView extends Component<EntryProps> {
  override shouldComponentUpdate(next: EntryProps): boolean {
    const { ignored, isCurrent, isSelected, item, role } = this.props;
    if (isCurrent !== next.isCurrent || isSelected !== next.isSelected) return true;
    return item !== next.item || ignored !== next.ignored || role !== next.role;
  }

  override render({ acting, ignored, isCurrent, isSelected, item, role }: EntryProps): JSX.Element {
    if (!('kind' in item)) return <EchoView echo={item} ignored={ignored} isCurrent={isCurrent} />;
    switch (item.kind) {
      case 'message':
        return <MessageView {...{ acting, ignored, isCurrent, isSelected, role }} message={item} />;
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

/** It is gone here; others may not have seen it yet. */
const isWithdrawable = ({ disappeared, own, retracted }: MessageEntry): boolean =>
  own && disappeared && !retracted;

interface MessageProps extends Omit<EntryProps, 'item'> {
  readonly message: MessageEntry;
}

function MessageView({ acting, ignored, isCurrent, isSelected, message, role }: MessageProps): JSX.Element {
  const { at, from, mention, own, reason, status, trust, user } = message;
  const classes = ['message', own ? 'own' : '', mention ? 'mention' : '', isSelected ? 'selected' : ''];
  const isReadable = status === 'ok';
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      data-seq={message.seq}
      tabIndex={isCurrent ? 0 : -1}
      aria-labelledby={`by-${message.seq}`}
      aria-describedby={`said-${message.seq}`}
    >
      <header id={`by-${message.seq}`}>
        <span class={`name ${isReadable ? nameClass(user) : ''}`}>{from}</span>
        {trust === 'changed' && (
          <span class="trust changed" role="img" aria-label={page.key_changed}>
            !
          </span>
        )}
        <time>{clockTime(at)}</time>
      </header>
      <div id={`said-${message.seq}`}>
        {isReadable ? (
          <>
            <Quoted answers={message.answers} ignored={ignored} />
            <Said {...{ acting, isCurrent, message }} />
            <Remarks message={message} />
            <Reactions {...{ acting, ignored, isCurrent, message }} />
          </>
        ) : (
          <p class="fault">
            {timeline.fault(texts.words.status[status], visibleLine(reason ?? timeline.no_reason))}
          </p>
        )}
      </div>
      {(saysSomething(message) || isWithdrawable(message)) && (
        <MessageActions {...{ acting, isCurrent, message, role }} />
      )}
    </article>
  );
}

function Said({
  acting,
  isCurrent,
  message,
}: Pick<MessageProps, 'acting' | 'isCurrent' | 'message'>): JSX.Element {
  const { files = [], from, text } = message;
  const instead = insteadOfText(message);
  if (instead !== undefined) return <p class="instead">{visibleLine(instead)}</p>;
  return (
    <>
      {(text !== '' || files.length === 0) && <Words from={from} text={text} isCurrent={isCurrent} />}
      {files.map((file) => (
        <FileLine
          key={file.number}
          file={file}
          thumbnail={file.shared.thumbnail}
          isCurrent={isCurrent}
          save={() => acting.run(() => acting.chat.carryOut(`/save ${file.number}`))}
        />
      ))}
    </>
  );
}

/** Text of others is text and nothing else; addresses in it can be followed. */
function Words({
  from,
  text,
  isCurrent,
}: {
  readonly from: string;
  readonly text: string;
  readonly isCurrent: boolean;
}): JSX.Element {
  const action = actionOf(text);
  const shown = visibleText(action === undefined ? text : `${from} ${action}`);
  const parts: (string | JSX.Element)[] = [];
  let end = 0;
  for (const { url, start, end: after } of addressesIn(shown)) {
    parts.push(shown.slice(end, start), <Address key={start} url={url} isCurrent={isCurrent} />);
    end = after;
  }
  parts.push(shown.slice(end));
  return (
    <p class={action === undefined ? 'text' : 'text action'} dir="auto">
      {parts}
    </p>
  );
}

function Address({ url, isCurrent }: { readonly url: string; readonly isCurrent: boolean }): JSX.Element {
  return (
    <a href={url} tabIndex={isCurrent ? 0 : -1} target="_blank" rel="noopener noreferrer nofollow">
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
function Remarks({ message }: { readonly message: MessageEntry }): JSX.Element | null {
  const { at, edited, marks, sentAt } = message;
  const remarks = [
    ...(sentAt === undefined ? [] : [writtenText(sentAt, at)]),
    ...(edited ? [timeline.edited] : []),
    ...passingText(message),
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
  isCurrent,
  message,
}: Pick<MessageProps, 'acting' | 'ignored' | 'isCurrent' | 'message'>): JSX.Element | null {
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
            tabIndex={isCurrent ? 0 : -1}
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
  echo: { answers, at, files = [], from, key, reason, state, text },
  ignored,
  isCurrent,
}: {
  readonly echo: Echo;
  readonly ignored: Ignored;
  readonly isCurrent: boolean;
}): JSX.Element {
  const fault = state === 'failed' ? page.failed(visibleLine(reason ?? timeline.no_reason)) : undefined;
  return (
    <article class={`message own echo ${state}`} tabIndex={isCurrent ? 0 : -1} aria-labelledby={`by-e${key}`}>
      <header id={`by-e${key}`}>
        <span class="name">{from}</span>
        <span class="state" role="img" aria-label={fault ?? (state === 'pending' ? page.pending : page.sent)}>
          {echoSigns[state]}
        </span>
        <time>{clockTime(at)}</time>
      </header>
      <Quoted answers={answers} ignored={ignored} />
      {(text !== '' || files.length === 0) && <Words from={from} text={text} isCurrent={isCurrent} />}
      {files.map((file) => (
        <FileLine key={file.name} file={file} isCurrent={isCurrent} />
      ))}
      {fault !== undefined && <p class="fault">{fault}</p>}
    </article>
  );
}
