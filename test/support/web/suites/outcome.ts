/** How a test that ran in a page ended. */
export interface Outcome {
  readonly title: string;
  /** What it failed with; undefined: it passed. */
  readonly fault: string | undefined;
}
