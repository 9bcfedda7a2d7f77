/** A tool whose sources and mirrors can be taken over. */
export type MirrorTool = 'reflector' | 'replicator';
