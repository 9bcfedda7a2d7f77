#!/usr/bin/env node
import module from 'node:module';

// Node 22 and newer keep the compiled program between runs; a CronJob starts often.
module.enableCompileCache?.();

await import('../lib/kubed-sync.js');
