export type BackingService = 'broker' | 'clock' | 'presence' | 'limits' | 'store' | 'objects';

/**
 * The one error that a port throws for reasons outside this process: the service behind it did not answer in time, or
 * refused. What it was asked for may or may not have happened. Anything else that a port throws is a bug.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly service: BackingService;

  constructor(service: BackingService, cause: unknown) {
    super(`the ${service} does not answer`, { cause });
    this.service = service;
  }
}
