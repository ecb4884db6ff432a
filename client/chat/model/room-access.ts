import { directUserName } from '../../sdk/shown-room-name.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { RoomModel } from './room-model.ts';

const { status } = chatTexts;

/** Who may enter a room, for people. */
export function accessText({ name, settings: { locked, unlocked } }: RoomModel): string {
  if (directUserName(name) !== undefined) return status.direct;
  if (!locked) return status.open;
  return unlocked ? status.with_password : status.password_unknown;
}

/** Not listed, but anyone who knows its name may enter it. */
export function isHidden({ name, settings: { hidden } }: RoomModel): boolean {
  return hidden && directUserName(name) === undefined;
}
