import type { Maker, ManifestNotes, ManifestProblem, Place } from '../../model/manifest.ts';
import { nameOf } from '../../model/keys.ts';
import { manifestMessage } from '../messages/manifest-message.ts';
import { sanitize } from '../strings/sanitize.ts';

/** What the document says of the manifests that it is about. */
export interface ManifestsData {
  readonly problems: readonly object[];
  readonly warnings: readonly object[];
  /** Objects whose controllers make sources: their copies are not in the changes. */
  readonly makers: readonly object[];
  readonly defaultNamespace: string;
  /** How many manifests were placed in the default namespace. */
  readonly placed: number;
  /** Sources among them that the options exclude. */
  readonly excluded: readonly object[];
  /** How many documents have other kinds, by kind; an empty kind stands for what is not an object. */
  readonly ignored: readonly object[];
}

/** The notes on manifests as the document has them. Every key is named, so that nothing else comes along. */
export function manifestsData({ problems, warnings, makers, placed, ignored }: ManifestNotes): ManifestsData {
  return {
    problems: problems.map(problemData),
    warnings: warnings.map(problemData),
    makers: makers.map(makerData),
    defaultNamespace: placed.namespace,
    placed: placed.objects,
    excluded: placed.excluded.map(nameOf),
    ignored: [...ignored].map(([kind, documents]) => ({ kind: sanitize(kind), documents })),
  };
}

function problemData(problem: ManifestProblem): object {
  const { at, object, issue } = problem;
  return {
    code: issue.code,
    ...placeData(at),
    ...(object !== undefined && { object: sanitize(object) }),
    message: manifestMessage(problem),
  };
}

function makerData({ at, object }: Maker): object {
  return { ...placeData(at), object: sanitize(object) };
}

function placeData({ file, line }: Place): object {
  return { file: sanitize(file), ...(line !== undefined && { line }) };
}
