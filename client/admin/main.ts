#!/usr/bin/env node
import { runProcess } from '../cli/run-process.ts';
import { runAdmin } from './run-admin.ts';

await runProcess(runAdmin);
