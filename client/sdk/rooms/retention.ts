import { RETENTION_DAYS_MAX, RETENTION_HOURS_MAX } from '../../../src/protocol/limits.ts';
import { localError } from '../errors.ts';

const DAY_HOURS = 24;

/** As the server tells it, in days rounded up and, where that says less, in hours. */
export interface ToldRetention {
  readonly retention: number;
  readonly retentionHours?: number | undefined;
}

/** Hours that messages are stored; 0: not at all. Hours that do not belong to the days count for nothing. */
export function retentionHoursOf({ retention, retentionHours }: ToldRetention): number {
  const fits = retentionHours !== undefined && Math.ceil(retentionHours / DAY_HOURS) === retention;
  return fits ? retentionHours : retention * DAY_HOURS;
}

/** In days and parts of them. */
export const retentionDaysOf = (told: ToldRetention): number => retentionHoursOf(told) / DAY_HOURS;

/** The fields of a request; whole days are sent as released gateways know them. Throws ConclaveError. */
export function retentionFields(hours: number): {
  readonly retention: number;
  readonly retentionHours?: number;
} {
  if (!Number.isInteger(hours) || hours < 0 || hours > RETENTION_HOURS_MAX)
    throw localError('usage', 'bad_retention', { count: RETENTION_DAYS_MAX });
  const retention = Math.ceil(hours / DAY_HOURS);
  return hours % DAY_HOURS === 0 ? { retention } : { retention, retentionHours: hours };
}
