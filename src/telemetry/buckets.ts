/** Upper bounds, in seconds or counts. Few: each is a series for every label value. */

/** From a round trip on one machine to the deadline of a request. */
export const requestSecondsBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];
/** Work without waiting: a fan-out of one message. */
export const workSecondsBuckets: readonly number[] = [
  0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1,
];
/** From publish to fan-out, over nodes whose clocks agree to a millisecond or so. */
export const lagSecondsBuckets: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5,
];
export const countBuckets: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];
/** Logins: people's machines take part. */
export const loginSecondsBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
