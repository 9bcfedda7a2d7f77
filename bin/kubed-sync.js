#!/usr/bin/env node
'use strict';

// CommonJS, as package.json beside it says: an ES module takes Node longer to start.
const { enableCompileCache } = require('node:module');

// Node 22 and newer keep what they compile between runs. Where they cannot, in a read-only root say, they do without.
enableCompileCache?.();

// oxlint-disable-next-line import/no-unassigned-import -- it is the program, and exports nothing
require('../lib/kubed-sync.cjs');
