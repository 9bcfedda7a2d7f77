import type { AnnotationProblem, NarrowingKey } from './annotation-problem.ts';
import type { FieldDifference } from './change.ts';
import { type ContextFinding, type Severity, contextSeverity, isContextFinding } from './context-finding.ts';
import type { Kind, ObjectName, Origin } from './objects.ts';
import type { MaxPrune } from './settings.ts';

/** What is wrong with a selector. `at` is where parsing stopped, from 0, in UTF-16 units. */
export interface SelectorProblem {
  readonly at: number;
  readonly problem:
    | { readonly code: 'expected'; readonly expected: readonly string[]; readonly found: string }
    | { readonly code: 'bad-key'; readonly key: string }
    | { readonly code: 'bad-value'; readonly value: string }
    | { readonly code: 'not-an-integer'; readonly value: string };
}

/** What the author of a sync annotation probably meant: another selector (`""` is every namespace), or no selector. */
export type SelectorGuess =
  | { readonly meant: 'selector'; readonly selector: string }
  /** A template that was not rendered. */
  | { readonly meant: 'template' }
  /** To switch the sync on or off. */
  | { readonly meant: 'switch' };

/** What a label or annotation of ours can be on. */
export type KeyHolder = Kind | 'Namespace';

/** A label or annotation that looks like ours and has no effect. `meant` is the annotation that its author probably meant. */
export interface StrayKey {
  readonly part: 'label' | 'annotation';
  readonly key: string;
  readonly meant?: string;
}

/**
 * Something to report that is not a change (docs/design.md 2), tagged by `reason`. With `partial`, only the namespaces
 * of `--namespace` were read, so a run over the whole cluster may find something else.
 */
export type Finding = FindingOfRun & {
  /** The context of the other cluster that it is about. Absent: the home cluster. */
  readonly context?: string;
};

type FindingOfRun = HomeFinding | ContextFinding;

type HomeFinding =
  | (ObjectName & {
      readonly reason: 'conflict';
      readonly origin: Origin;
      readonly skipped: boolean;
      readonly adopt?: AdoptRefusal;
      /** The object is a copy that another home cluster wrote. */
      readonly holder?: Holder;
    })
  | (ObjectName & {
      readonly reason: 'contested';
      readonly currentOwner: Origin;
      readonly namespaces: readonly string[];
      readonly partial?: true;
    })
  | (ObjectName & {
      readonly reason: 'invalid-selector';
      readonly selector: string;
      readonly problem: SelectorProblem;
      readonly guess?: SelectorGuess;
    })
  /** The source is frozen. */
  | (ObjectName &
      AnnotationProblem & {
        readonly reason: 'invalid-annotation';
        readonly annotation: NarrowingKey;
        readonly value: string;
      })
  /** The annotation `sync-keys` names keys that the source does not have. The others are copied. */
  | (ObjectName & { readonly reason: 'key-missing'; readonly keys: readonly string[] })
  /** The annotation has no effect, because the object is not a source. */
  | (ObjectName & { readonly reason: 'sync-missing'; readonly annotation: NarrowingKey })
  /** The copies in the namespace stay as they are. */
  | (AnnotationProblem & {
      readonly reason: 'invalid-accept-from';
      readonly namespace: string;
      readonly value: string;
    })
  /** With `--require-consent`: a source selects these namespaces, and they do not say whose copies they accept. */
  | { readonly reason: 'consent-missing'; readonly namespaces: readonly string[] }
  | (ObjectName & { readonly reason: 'source-not-copyable'; readonly why: NotCopyable })
  | (ObjectName & { readonly reason: 'copy-with-sync-annotation'; readonly origin: Origin })
  /** The object is frozen, because one of its annotations may be a misspelt opt-out. */
  | (ObjectName & { readonly reason: 'unknown-key'; readonly keys: readonly StrayKey[] })
  | (StrayKey & {
      readonly reason: 'suspicious-key';
      readonly kind: KeyHolder;
      /** A Namespace has no `name`. */
      readonly objects: readonly { readonly namespace: string; readonly name?: string }[];
    })
  | { readonly reason: 'suspicious-ignore'; readonly value: string; readonly namespaces: readonly string[] }
  | (ObjectName & {
      readonly reason: 'suspicious-selector';
      readonly selector: string;
      readonly why: 'boolean' | 'quotes';
    })
  | (ObjectName & {
      readonly reason: 'no-namespace-selected';
      readonly selector: string;
      /** The annotation `sync-namespaces`, if there is one. */
      readonly syncNamespaces?: string;
      readonly guess?: SelectorGuess;
      readonly partial?: true;
    })
  | { readonly reason: 'namespace-not-found'; readonly namespace: string }
  | (ObjectName & { readonly reason: 'own-source-there'; readonly origins: readonly Origin[] })
  | { readonly reason: 'marks-disagree'; readonly namespace: string; readonly objects: readonly ObjectName[] }
  | {
      readonly reason: 'other-cluster-name';
      readonly clusterName: string;
      readonly copies: number;
      readonly nearlyAll: boolean;
    }
  | (ObjectName & { readonly reason: 'source-changed'; readonly how: SourceChange })
  | (ObjectName & { readonly reason: 'orphan'; readonly origin: Origin; readonly why: OrphanReason })
  | {
      readonly reason: 'waiting-to-be-pruned';
      readonly copies: number;
      /** When the first and the last of them are due: RFC 3339. */
      readonly first: string;
      readonly last: string;
    }
  | (ObjectName & { readonly reason: 'being-deleted'; readonly origin: Origin })
  /** An exception in kubed-sync itself. Other objects are not affected. */
  | (ObjectName & { readonly reason: 'internal-error' })
  | (ObjectName & { readonly reason: 'changed-by-admission'; readonly fields: readonly FieldDifference[] })
  | { readonly reason: 'any-namespace-is-a-source'; readonly partial?: true }
  | { readonly reason: 'out-of-scope'; readonly copies: number }
  | {
      readonly reason: 'prune-withheld';
      readonly deletes: number;
      readonly limit: number;
      readonly maxPrune: MaxPrune;
    };

/** The home cluster that wrote a copy, and the context it wrote it for, as its marks say. Anyone can forge them. */
export interface Holder {
  readonly clusterUid: string;
  readonly context?: string;
}

/** The tag of a {@link Finding}. */
export type FindingReason = Finding['reason'];

/** Why a run keeps a copy for which nothing shows that kubed-sync or the old operator wrote it. */
export type OrphanReason =
  /** No source asks for it. */
  | 'unwanted'
  /** The old operator wrote it and its origin does not exist. It may come from another cluster. */
  | 'origin-missing'
  /** It would have to be deleted and recreated. */
  | 'replace'
  /** Another source asks for its name. */
  | 'hand-over'
  /** A former home cluster wrote it (`--former-cluster-uid`). */
  | 'former-cluster';

/** Why `--on-conflict adopt` did not take over an object. `needs-replace`: the object would have to be deleted and recreated. */
export type AdoptRefusal =
  | 'system-namespace'
  | 'appeared-meanwhile'
  /** `adopt-mirrors`: it does not carry the complete marks of a tool that name this source, or it carries more. */
  | 'not-a-mirror'
  /** `adopt-mirrors`: the source still has an annotation of that tool. */
  | 'source-still-mirrored'
  | 'being-deleted'
  | 'is-a-source'
  | 'needs-replace'
  /** Another home cluster wrote it. */
  | 'pushed';

/** Why a source cannot be copied. */
export type NotCopyable =
  | { readonly code: 'type'; readonly type: string }
  | {
      readonly code: 'annotations-too-large' | 'content-too-large' | 'request-too-large';
      readonly bytes: number;
      readonly limit: number;
    }
  | { readonly code: 'invalid-metadata'; readonly part: 'labels' | 'annotations'; readonly key: string }
  /** The API server rejected the first copies as too large. The others are not tried. */
  | { readonly code: 'refused-as-too-large' };

/** How a source differed between the list and the later read. Its copies wait for the next run. */
export type SourceChange = 'gone' | 'replaced' | 'annotation-changed' | 'appeared';

export type { Severity };

/**
 * Returns how much a finding matters (docs/design.md 8). An error makes the exit code 1, a warning needs attention, a
 * note explains. A conflict that the user asked to skip is a warning.
 */
export function severityOf(finding: Finding): Severity {
  if (isContextFinding(finding)) return contextSeverity(finding);
  switch (finding.reason) {
    case 'conflict':
      return finding.skipped ? 'warning' : 'error';
    case 'contested':
    case 'invalid-selector':
    case 'invalid-annotation':
    case 'invalid-accept-from':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'unknown-key':
    case 'prune-withheld':
    case 'internal-error':
      return 'error';
    case 'suspicious-selector':
    case 'suspicious-key':
    case 'suspicious-ignore':
    case 'sync-missing':
    case 'key-missing':
    case 'namespace-not-found':
    case 'source-changed':
    case 'orphan':
    case 'changed-by-admission':
    case 'any-namespace-is-a-source':
      return 'warning';
    case 'no-namespace-selected':
      return finding.partial ? 'note' : 'warning';
    case 'other-cluster-name':
      return finding.nearlyAll ? 'warning' : 'note';
    case 'own-source-there':
    case 'marks-disagree':
    case 'being-deleted':
    case 'consent-missing':
    case 'out-of-scope':
    case 'waiting-to-be-pruned':
      return 'note';
  }
}
