import type { ContextFinding } from '../../model/context-finding.ts';
import {
  type ContextSource,
  annotationFindings,
  contextSources,
  nameFindings,
} from '../../plan/contexts/context-sources.ts';
import { globMatches } from '../../plan/scope.ts';
import { type RemoteEntry, readRemoteKubeconfigs } from '../../kube/kubeconfig/remote-kubeconfig.ts';
import type { RemoteOptions } from '../run-options.ts';
import type { OpeningAll } from './open-contexts.ts';

/** What the remote kubeconfigs and the annotations of the sources say, before anything is connected. */
export interface ContextsToServe {
  /** The sources at home that ask for other clusters. None for a purge. */
  readonly sources: readonly ContextSource[];
  /** The names of all contexts, also of those that are not served. */
  readonly known: ReadonlySet<string>;
  readonly selected: readonly RemoteEntry[];
  /** About the kubeconfigs and the annotations. */
  readonly findings: readonly ContextFinding[];
}

/** Reads the remote kubeconfigs, and selects the contexts to serve: none if the uid of home is not known. */
export function contextsToServe(
  { home: { classified }, options, isPurge }: Pick<OpeningAll, 'home' | 'options' | 'isPurge'>,
  remotes: RemoteOptions,
): ContextsToServe {
  const { contexts, bad } = readRemoteKubeconfigs(remotes.paths, remotes.allowed, options.connect);
  const sources = isPurge ? [] : contextSources(classified);
  const known = new Set(contexts.map(({ context }) => context));
  const isIdentified = classified.scope.clusterUid !== undefined;
  const findings: readonly ContextFinding[] = [
    ...bad.map(({ file, message }) => ({ reason: 'bad-remote-kubeconfig', file, message }) as const),
    ...annotationFindings(sources, classified),
    ...nameFindings(sources, { known, failed: new Set() }),
    ...(isIdentified ? [] : [{ reason: 'home-not-identified' } as const]),
  ];
  return { sources, known, selected: isIdentified ? selectContexts(contexts, remotes) : [], findings };
}

/** Returns the contexts that `--remote-context` selects, in an order that differs from run to run. */
function selectContexts(contexts: readonly RemoteEntry[], remotes: RemoteOptions): readonly RemoteEntry[] {
  return shuffled(contexts.filter(({ context }) => isSelected(context, remotes)));
}

function isSelected(context: string, { contexts }: RemoteOptions): boolean {
  return contexts.length === 0 || contexts.some((glob) => globMatches(glob, context));
}

/** The order is another one in each run, so that no context is always the last one. */
function shuffled<T>(things: readonly T[]): readonly T[] {
  return things
    .map((thing) => ({ thing, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}
