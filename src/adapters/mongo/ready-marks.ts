import type { Collection } from 'mongodb';
import type { ReadyMarks } from '../../ports/ready-marks.ts';
import type { MongoLink } from './mongo-link.ts';

interface MarkDocument {
  readonly _id: string;
  /** On MongoDB's clock; an index removes it after a minute. */
  readonly at: Date;
}

export class MongoReadyMarks implements ReadyMarks {
  readonly #link: MongoLink;
  readonly #marks: Collection<MarkDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#marks = link.db.collection('ready_marks');
  }

  async set(node: string): Promise<void> {
    await this.#link.run('ready_mark', () =>
      this.#marks.updateOne({ _id: node }, { $currentDate: { at: true } }, { upsert: true }),
    );
  }

  all(): Promise<ReadonlyMap<string, number>> {
    return this.#link.run('ready_marks', async () => {
      const found = await this.#marks.find().toArray();
      return new Map(found.map(({ _id, at }) => [_id, at.getTime()]));
    });
  }
}
