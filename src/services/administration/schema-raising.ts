import type { NodeBoard } from '../../ports/node-board.ts';
import type { Schema } from '../../ports/schema.ts';
import type { AdminBody, AdminRefusal, AdminReply } from '../../protocol/admin-actions.ts';

/** What a node knows that does not say: releases before the first that did. */
const UNSAID_SCHEMA = 1;
/** Nodes that a refusal names. */
const NAMED_MAX = 8;

/** The form in which the store is written, in the hands of an operator. */
export class SchemaRaising {
  readonly #schema: Schema;
  readonly #board: NodeBoard;

  constructor(schema: Schema, board: NodeBoard) {
    this.#schema = schema;
    this.#board = board;
  }

  async read(): Promise<AdminReply<'schema'>> {
    return { number: await this.#schema.refresh(), newest: this.#schema.newest };
  }

  /**
   * A node that comes while this is under way posts its lease before it reads the number for the last time, so either
   * it is seen here, or it sees the new number and stops.
   */
  async raise({ number }: AdminBody<'raise-schema'>): Promise<AdminReply<'raise-schema'> | AdminRefusal> {
    const current = await this.#schema.refresh();
    if (number < current)
      return { refused: 'conflict', message: `the store has schema ${current}, which cannot be lowered` };
    if (number === current) return { number };
    if (number !== this.#schema.newest)
      return {
        refused: 'unknown_schema',
        message: `this store has schema ${current}, and the newest that this release knows for it is ${this.#schema.newest}`,
      };
    const before = await this.#olderThan(number);
    if (before !== undefined)
      return {
        refused: 'older_nodes',
        message: `replace them first: ${before} do not know schema ${number}`,
      };
    await this.#schema.raise();
    const since = await this.#olderThan(number);
    if (since === undefined) return { number };
    const message = `schema ${number} is in force, but ${since} started meanwhile and do not know it: stop them now`;
    return { refused: 'older_nodes', message };
  }

  /** Names of nodes, for people. */
  async #olderThan(number: number): Promise<string | undefined> {
    const nodes = await this.#board.all();
    const older = nodes.filter(({ schema = UNSAID_SCHEMA }) => schema < number);
    if (older.length === 0) return undefined;
    const names = older.slice(0, NAMED_MAX).map(({ node, version }) => `${node} (${version})`);
    const others = older.length > NAMED_MAX ? ` and ${older.length - NAMED_MAX} more` : '';
    return `${names.join(', ')}${others}`;
  }
}
