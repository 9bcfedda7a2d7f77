import type { Kind } from '../../model/objects.ts';
import type { OptionSettings } from '../../model/settings.ts';
import { isNamespaceName, isObjectName } from '../../plan/annotations/name-syntax.ts';
import type { OptionValues } from './spec.ts';
import { UsageError } from './usage-error.ts';
import { parseKind } from './values.ts';

/** What the help says about the argument of `explain`. */
export const OBJECT_ABOUT = 'TYPE/NAMESPACE/NAME, or TYPE/NAME as for kubectl; without it: every source';

/** What `explain` is asked, as the command line has it. */
export interface QuestionText {
  readonly object?: { readonly kind: Kind; readonly namespace?: string; readonly name: string };
  /** `--in`. */
  readonly namespace?: string;
}

/** Returns what `explain` is asked, and refuses what no answer exists for. */
export function questionFrom(
  argument: string | undefined,
  { in: only }: Pick<OptionValues, 'in'>,
  { namespaces, kinds }: Pick<OptionSettings, 'namespaces' | 'kinds'>,
): QuestionText {
  if (argument === undefined) {
    if (only === undefined) return {};
    throw new UsageError('--in needs an object: explain secret/NAMESPACE/NAME --in NS');
  }
  const object = parseObject(argument);
  const { kind, namespace } = object;
  if (!kinds.includes(kind)) throw new UsageError(`${argument} and --kind contradict each other`);
  if (namespace !== undefined && namespaces.length > 0 && !namespaces.includes(namespace))
    throw new UsageError(
      `${argument} is not in a namespace of --namespace, and no others are read; add --namespace ${namespace}`,
    );
  return { object, ...(only !== undefined && { namespace: only }) };
}

/** `secret/platform/tls`, `cm/omni`, `configmaps/demo/omni`. */
function parseObject(text: string): NonNullable<QuestionText['object']> {
  const [type = '', ...names] = text.split('/');
  const kind = kindOf(type, text);
  const [first = '', second] = names;
  const [namespace, name] = second === undefined ? [undefined, first] : [first, second];
  if (names.length === 0 || names.length > 2 || !isObjectName(name)) throw notAnObject(text);
  if (namespace === undefined) return { kind, name };
  if (!isNamespaceName(namespace)) throw notAnObject(text);
  return { kind, namespace, name };
}

function kindOf(type: string, text: string): Kind {
  try {
    return parseKind(type);
  } catch {
    throw notAnObject(text);
  }
}

function notAnObject(text: string): UsageError {
  return new UsageError(`"${text}" names no object: write configmap/NAMESPACE/NAME or secret/NAMESPACE/NAME`);
}
