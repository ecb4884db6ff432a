import { partLine } from './board.ts';
import { GATEWAYS_MAX } from './cluster-options.ts';
import type { LocalCluster } from './local-cluster.ts';

/** What commands do to a cluster. */
export type CommandedCluster = Pick<
  LocalCluster,
  'add' | 'drain' | 'kill' | 'roll' | 'reloadBalancer' | 'failOver' | 'status'
>;

type Say = (line: string) => void;
type Command = (cluster: CommandedCluster, argument: string, say: Say) => void | Promise<void>;

const help = 'add [K] | drain N | kill N | roll | reload | failover | status | quit';

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['add', add],
  ['drain', (cluster, given, say) => end('drain', cluster, given, say)],
  ['kill', (cluster, given, say) => end('kill', cluster, given, say)],
  [
    'roll',
    async (cluster, _, say) => {
      await cluster.roll();
      say('all gateways were replaced');
    },
  ],
  [
    'reload',
    (cluster, _, say) => {
      cluster.reloadBalancer();
      say('haproxy reads its configuration again');
    },
  ],
  ['failover', failOver],
  [
    'status',
    async (cluster, _, say) => {
      for (const part of await cluster.status()) say(partLine(part));
    },
  ],
]);

/** Runs one line; `say` gets what there is to tell. Gives 'quit' when that was it. Never throws. */
export async function runCommand(
  line: string,
  cluster: CommandedCluster,
  say: Say,
): Promise<'quit' | undefined> {
  const [name = '', argument = ''] = line.trim().split(/\s+/);
  if (name === 'quit') return 'quit';
  const command = commands.get(name);
  try {
    if (command !== undefined) await command(cluster, argument, say);
    else if (name !== '') say(`no such command: ${name}. There are: ${help}`);
  } catch (error) {
    say(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

async function failOver(cluster: CommandedCluster, _: string, say: Say): Promise<void> {
  const failing = cluster.failOver();
  if (failing === undefined) return say('failover is for --redis-cluster: one Redis has no replica');
  say('a Redis master is killed');
  say(`${await failing} was killed, its replica is master now`);
}

async function add(cluster: CommandedCluster, given: string, say: Say): Promise<void> {
  const count = given === '' ? 1 : Number(given);
  if (!/^\d*$/.test(given) || count < 1 || count > GATEWAYS_MAX)
    return say(`add ${given}: give a number of gateways from 1 to ${GATEWAYS_MAX}, or nothing for one`);
  for (let i = 0; i < count; i += 1) {
    const node = await cluster.add();
    say(`${node.name} added at ${node.process.url}`);
  }
}

async function end(how: 'drain' | 'kill', cluster: CommandedCluster, given: string, say: Say): Promise<void> {
  // The board and conclave-admin name a gateway in full.
  const number = Number(/^(?:gateway-)?(\d{1,6})$/.exec(given)?.[1]);
  if (Number.isNaN(number))
    return say(`${`${how} ${given}`.trim()}: give the number of a gateway, as in ${how} 2 for gateway-2`);
  const name = `gateway-${number}`;
  const ending = how === 'drain' ? cluster.drain(number) : cluster.kill(number);
  if (ending === undefined) return say(`there is no ready gateway called ${name}: status lists them`);
  if (how === 'drain') say(`${name} drains`);
  const code = await ending;
  say(code === undefined ? `${name} killed` : `${name} drained, exit code ${code}`);
}
