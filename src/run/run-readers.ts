import type { DeclaredWithBase } from '../model/manifest.ts';
import type { RunHooks } from '../model/progress.ts';
import { upToDateState } from '../plan/preview/base-manifests.ts';
import type { DeclaredBodies } from '../plan/preview/compare-plans.ts';
import type { Scope } from '../plan/scope.ts';
import { formatTimestamp } from '../util/timestamp.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { offlineReader, stateReader } from '../readers/offline-reader.ts';
import { overlayReader } from '../readers/overlay-reader.ts';
import { type Reader, liveReader, withOneSnapshot } from '../readers/reader.ts';
import type { RunOptions } from './run-options.ts';

/** What a run reads. */
export interface Readers {
  readonly reader: Reader;
  /** A preview of manifests compares its plan with the state before them. */
  readonly before?: {
    readonly reader: Reader;
    readonly declared: () => DeclaredBodies;
  };
}

/** Returns the readers of a run without a cluster. The state before is the one that the manifests of `--base` lead to. */
export function offlineReaders({ manifests }: RunOptions, scope: Scope, startedAt: Date): Readers {
  const { base, ...head }: DeclaredWithBase = manifests ?? NO_MANIFESTS;
  if (base === undefined) return { reader: offlineReader(head) };
  return overlaid(stateReader(upToDateState(base, scope)), { ...head, base }, startedAt, true);
}

const NO_MANIFESTS: DeclaredWithBase = { namespaces: [], objects: [] };

/** Returns the readers of a run with a cluster. */
export function onlineReaders(
  connection: ApiClient,
  { manifests, settings }: RunOptions,
  hooks: RunHooks,
  startedAt: Date,
): Readers {
  const live = liveReader(connection, hooks, settings.namespaces);
  return manifests === undefined ? { reader: live } : overlaid(live, manifests, startedAt, false);
}

function overlaid(
  state: Reader,
  manifests: DeclaredWithBase,
  startedAt: Date,
  impliesNamespaces: boolean,
): Readers {
  const before = withOneSnapshot(state);
  const reader = overlayReader(before, manifests, { now: formatTimestamp(startedAt), impliesNamespaces });
  return { reader, before: { reader: before, declared: reader.declared } };
}
