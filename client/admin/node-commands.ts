import { parseNodeName } from '../../src/protocol/admin-actions.ts';
import { usage } from '../cli/exit-codes.ts';
import { isoTime } from '../cli/output.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import type { AdminContext } from './admin-context.ts';

export async function listNodes({ port, output }: AdminContext): Promise<void> {
  const { nodes } = await port.ask('nodes', {});
  const sum = (of: 'connections' | 'sessions'): number => nodes.reduce((total, node) => total + node[of], 0);
  const total = { nodes: nodes.length, connections: sum('connections'), sessions: sum('sessions') };
  await output.table(
    ['node', 'version', 'started', 'connections', 'sessions', 'rooms', 'state', 'lease'],
    nodes.map((node) => ({
      line: { type: 'node', ...node, startedAt: isoTime(node.startedAt) },
      cells: [
        node.node,
        node.version,
        isoTime(node.startedAt),
        String(node.connections),
        String(node.sessions),
        String(node.rooms),
        cliTexts.adminSaid[node.draining ? 'draining' : 'serving'],
        filled(cliTexts.adminSaid.lease, { seconds: Math.ceil(node.leaseMs / 1_000) }),
      ],
    })),
    {
      line: { type: 'total', ...total },
      human: cliTexts.adminSaid.total(total),
    },
  );
}

export async function drainNode({ port, output }: AdminContext, text: string): Promise<void> {
  const { node, sessions } = await port.ask('drain', { node: parsedNode(text) });
  output.data(
    { type: 'draining', node, connections: sessions },
    cliTexts.adminSaid.drains({ node, sessions }),
  );
}

export async function shedSessions(
  { port, output }: AdminContext,
  text: string,
  count: number,
): Promise<void> {
  const { node, sessions } = await port.ask('shed', { node: parsedNode(text), count });
  output.data({ type: 'shedding', node, sessions }, cliTexts.adminSaid.sheds({ node, sessions }));
}

function parsedNode(text: string): string {
  const node = parseNodeName(text);
  if (node === undefined) throw usage(filled(cliTexts.admin.bad_node, { given: text }));
  return node;
}
