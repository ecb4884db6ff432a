import { lifeText } from './message-life.ts';
import { texts } from './texts.ts';

const lifeOf = (seconds: number): string | undefined => (seconds === 0 ? undefined : lifeText(seconds));

export function lifeChangedText({
  user,
  seconds,
}: {
  readonly user: string;
  readonly seconds: number;
}): string {
  return texts.people.life_changed({ user, life: lifeOf(seconds) });
}

export function lifeRefusedText({
  kind,
  seconds,
}: {
  readonly kind: Parameters<typeof texts.people.life_refused>[0];
  readonly seconds: number;
}): string {
  return texts.people.life_refused(kind, lifeOf(seconds));
}
