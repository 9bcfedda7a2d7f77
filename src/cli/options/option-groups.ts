import { COMMANDS, type CommandName, rows } from './command-line.ts';

// Which commands have an option, and under which heading the help shows it.

/** Only `reconcile`. */
export const RECONCILE: readonly CommandName[] = ['reconcile'];
/** Only `explain`. */
export const EXPLAIN: readonly CommandName[] = ['explain'];
/** Only `render`. */
export const RENDER: readonly CommandName[] = ['render'];
/** Only `migrate`. */
export const MIGRATE: readonly CommandName[] = ['migrate'];

/** Commands that write to a cluster. */
export const WRITING: readonly CommandName[] = ['reconcile', 'purge'];
/** Commands that decide about a cluster. */
export const WITH_CLUSTER: readonly CommandName[] = [...WRITING, ...EXPLAIN];
/** Commands that connect to a cluster. */
export const CONNECTING: readonly CommandName[] = [...WITH_CLUSTER, ...MIGRATE];
/** Commands that read manifests. */
export const WITH_MANIFESTS: readonly CommandName[] = [...RECONCILE, ...EXPLAIN, ...RENDER, ...MIGRATE];

/** Which cluster. */
export const cluster = rows('Which cluster:', CONNECTING);
/** Which other clusters. */
export const others = rows('Which other clusters:', WITH_CLUSTER);
/** Which manifests. */
export const manifests = rows('Which manifests:', RECONCILE);
/** What it looks at. */
export const scope = rows('What it looks at:', COMMANDS);
/** What copies carry. */
export const copies = rows('What copies carry:', COMMANDS);
/** What it may do. */
export const safety = rows('What it may do:', WITH_CLUSTER);
/** How it runs. */
export const run = rows('How it runs:', WRITING);
/** What it reports. */
export const output = rows('What it reports:', COMMANDS);
/** What else it writes. */
export const publish = rows('What else it writes:', WRITING);
