import { texts } from '../../texts/texts.ts';
import { lifeText } from './message-life.ts';
import type { RoomChange } from './room-events.ts';

const lifeOf = (seconds: number): string | undefined => (seconds === 0 ? undefined : lifeText(seconds));

export function lifeChangedText({
  user,
  seconds,
}: Pick<Extract<RoomChange, { readonly type: 'life-changed' }>, 'user' | 'seconds'>): string {
  return texts.people.life_changed({ user, life: lifeOf(seconds) });
}

export function lifeRefusedText({
  kind,
  seconds,
}: Pick<Extract<RoomChange, { readonly type: 'life-refused' }>, 'kind' | 'seconds'>): string {
  return texts.people.life_refused(kind, lifeOf(seconds));
}
