import { testLongSchedules } from '../support/epochs/long-schedules.ts';

testLongSchedules();
