import { Child, type Fields, numberIn } from '../../loadtest/native/parent-and-child.ts';
import type { DialectName } from './dialect.ts';
import { type PublishTemplate, templateFields } from './publish-template.ts';

/** What every contestant gets: the same Redis, as many receivers, messages of the same size. */
export interface Conditions {
  readonly redisPort: number;
  readonly redisUrl: string;
  readonly members: number;
  readonly ciphertextBytes: number;
  readonly say: (line: string) => void;
}

/** Keeps what has to end with the bench, and gives it back. */
export type Use = <Resource extends AsyncDisposable>(resource: Resource) => Resource;

/** The process that is measured, what receives from it, and where its messages come from. */
export interface Deliverer {
  readonly name: string;
  readonly pid: number;
  readonly receivers: Child;
  readonly injector: Child;
  /** Members that send through another node, where there are such. */
  readonly senders?: Child;
}

export interface Contestant {
  readonly name: string;
  /** Resolves when all receivers are in; with a text: why it cannot take part. */
  enter(conditions: Conditions, use: Use): Promise<Deliverer | string>;
}

export function benchChild(file: string): Child {
  return new Child(new URL(file, import.meta.url));
}

/** An injector with the message of a contestant. */
export async function injectorOf(
  template: PublishTemplate,
  { redisPort }: Conditions,
  use: Use,
): Promise<Child> {
  const injector = use(benchChild('injector.ts'));
  await injector.call('start', { ...templateFields(template), redisPort });
  return injector;
}

export interface Receiving {
  readonly dialect: DialectName;
  readonly url: string;
  readonly stampBeforeEnd?: number;
  /** With which sessions they enter; without: nobody asks. */
  readonly membership?: Fields;
}

/** Resolves when all of them are in. */
export async function receiversOf(receiving: Receiving, { members }: Conditions, use: Use): Promise<Child> {
  const receivers = use(benchChild('receivers.ts'));
  const { dialect, url, stampBeforeEnd = 0, membership = { count: members } } = receiving;
  await receivers.call('connect', { dialect, url, stampBeforeEnd, ...membership });
  return receivers;
}

/** Deliveries since the receivers began. */
export async function deliveriesSoFar({ receivers }: Deliverer): Promise<number> {
  return numberIn(await receivers.call('take'), 'deliveries');
}
