import type { CommandUser } from '../commands/command-table.ts';
import { beginCycle, type CompletionCycle, type CompletionSources, turnCycle } from '../commands/complete.ts';
import { emojiCalled, knownEmoji } from '../commands/emoji.ts';
import { activeRoom } from '../model/model.ts';
import type { ChatContext } from './chat-context.ts';
import type { Draft } from './draft.ts';

/** Completes what is typed; each further turn offers the next candidate, until something else is done. */
export class Completer {
  readonly #context: ChatContext;
  readonly #draft: Draft;
  #cycle: CompletionCycle | undefined;
  #emoji: Awaited<ReturnType<typeof knownEmoji>> | undefined;

  constructor(context: ChatContext, draft: Draft) {
    this.#context = context;
    this.#draft = draft;
  }

  async turn(step: 1 | -1): Promise<void> {
    if (this.#draft.text.includes(':')) this.#emoji ??= await knownEmoji();
    const goesOn = this.#cycle?.editor === this.#draft.state ? this.#cycle : undefined;
    const cycle =
      goesOn === undefined ? beginCycle(this.#draft.state, this.#sources(), step) : turnCycle(goesOn, step);
    this.#cycle = cycle;
    if (cycle === undefined) return;
    this.#draft.change(() => cycle.editor);
    const { candidates } = cycle.completion;
    if (candidates.length > 1)
      this.#context.say(
        candidates.map((text, at) => (at === cycle.index ? `[${text.trim()}]` : text.trim())).join('  '),
      );
  }

  /** The people of the room come first, then those of the other rooms. */
  #sources(): CompletionSources {
    const { model } = this.#context.store;
    const shown = activeRoom(model);
    const own = model.rooms.map(({ name }) => name);
    const rooms = shown === undefined ? model.rooms : [shown, ...model.rooms];
    const people = rooms.flatMap(({ members = [] }) => members.map(({ user }) => user));
    const who: CommandUser = shown === undefined || shown.gone ? 'anyone' : shown.settings.role;
    return {
      who,
      ownRooms: own,
      allRooms: [...own, ...this.#context.rooms.listed],
      emoji: (prefix) => emojiCalled(prefix, this.#emoji ?? []),
      people: [...new Set(people)].filter((user) => user !== model.me?.user),
    };
  }
}
