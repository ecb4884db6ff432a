#!/usr/bin/env node
import { runCli } from './run-cli.ts';
import { runProcess } from './run-process.ts';

await runProcess(runCli);
