#!/usr/bin/env node
'use strict';

// kubectl starts it as kubectl_complete-kubed_sync, with the words after `kubectl kubed-sync`.
process.argv.splice(2, 0, 'complete', '--');

// oxlint-disable-next-line import/no-unassigned-import -- it is the program, and exports nothing
require('./kubed-sync.js');
