import type { Argument } from './argument-kinds.ts';

/** Who may use a command in the room that is shown; each may do what those before it may. */
export const users = ['anyone', 'member', 'moderator', 'owner'] as const;
export type CommandUser = (typeof users)[number];
export type CommandSection = 'Rooms' | 'People' | 'Owners and moderators' | 'Messages' | 'Client';

export interface Command {
  readonly section: CommandSection;
  /** In the imperative: "leave this room". */
  readonly about: string;
  readonly who: CommandUser;
  /** In the order in which they are written. */
  readonly args: Readonly<Record<string, Argument<unknown, boolean>>>;
  /** It asks for a password: what stands after it by mistake may be one, and is neither repeated nor remembered. */
  readonly asksPassword?: true;
  /** Refused at once while there is no connection. */
  readonly needsServer?: true;
}
