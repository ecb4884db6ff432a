/** Names in one line; beyond these it says how many more there are. */
const NAMES_MAX = 10;

/** Who came and went without an event that told of it. */
export function membersDifferText({
  joined,
  left,
}: {
  readonly joined: readonly string[];
  readonly left: readonly string[];
}): string {
  const parts = [
    ...(joined.length > 0 ? [`${listed(joined)} joined`] : []),
    ...(left.length > 0 ? [`${listed(left)} left`] : []),
  ];
  return `since you last looked, ${parts.join('; ')}`;
}

/** For every face: how many people a profile pins. */
export function peopleFullText(peopleMax: number): string {
  return `the server has shown more than ${peopleMax.toLocaleString('en')} people: new ones are not trusted, and nothing is sent to them`;
}

export function newRecipientsText(users: readonly string[]): string {
  return `${listed(users)} can read what you send here for the first time`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ');
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}
