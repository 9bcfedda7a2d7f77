import type { MirrorTool } from '../../model/migration.ts';
import type { AdoptRefusal } from '../../model/finding.ts';
import type { ObjectMeta, Origin, StringMap } from '../../model/objects.ts';
import { get, isSameOrigin } from '../../model/keys.ts';

/*
 * Is an object the mirror of a source, made by reflector or replicator? These are the annotations that they write:
 *
 *   reflector    PREFIX/reflects          the source: NAMESPACE/NAME
 *                PREFIX/auto-reflects     True: reflector made the mirror. False: it fills an object of somebody
 *                PREFIX/reflected-version, PREFIX/reflected-at
 *   replicator   PREFIX/replicate-from    the source: NAMESPACE/NAME. A copy that replicator pushed does not have it
 *                PREFIX/replicated-from-version, PREFIX/replicated-at, PREFIX/replicated-keys
 *
 * A mirror has all of them, and no other annotation of either tool: that would make it a source as well.
 */

/** The prefix of every annotation of a tool. */
export const TOOL_PREFIXES: Readonly<Record<MirrorTool, string>> = {
  reflector: 'reflector.v1.k8s.emberstack.com/',
  replicator: 'replicator.v1.mittwald.de/',
};

const TOOLS: readonly MirrorTool[] = ['reflector', 'replicator'];

/** The annotation that names the source, and the others that the tool writes with it. */
const MARKS: Readonly<Record<MirrorTool, { readonly origin: string; readonly others: readonly string[] }>> = {
  reflector: { origin: 'reflects', others: ['auto-reflects', 'reflected-version', 'reflected-at'] },
  replicator: {
    origin: 'replicate-from',
    others: ['replicated-from-version', 'replicated-at', 'replicated-keys'],
  },
};

/** A mirror: which tool made it, of which source, and its marks. */
export interface Mirror {
  readonly tool: MirrorTool;
  readonly origin: Origin;
  readonly marks: readonly string[];
}

/** Reads the marks of a mirror. Undefined if they are not complete, or if there is more than marks. */
export function readMirror({ annotations }: Pick<ObjectMeta, 'annotations'>): Mirror | undefined {
  const tools = TOOLS.filter((tool) => toolKeys(annotations, tool).length > 0);
  const [tool] = tools;
  if (tool === undefined || tools.length > 1) return undefined;
  const { origin: key, others } = MARKS[tool];
  const marks = [key, ...others].map((mark) => TOOL_PREFIXES[tool] + mark);
  const keys = toolKeys(annotations, tool);
  const isComplete = keys.length === marks.length && marks.every((mark) => get(annotations, mark));
  const origin = originFrom(get(annotations, TOOL_PREFIXES[tool] + key));
  return isComplete && origin !== undefined ? { tool, origin, marks } : undefined;
}

/** The annotations of a tool that an object has. */
export function toolKeys(annotations: StringMap, tool: MirrorTool): readonly string[] {
  return Object.keys(annotations).filter((key) => key.startsWith(TOOL_PREFIXES[tool]));
}

/** `platform/tls` → its two parts. */
function originFrom(text = ''): Origin | undefined {
  const [namespace = '', name = '', ...more] = text.split('/');
  return namespace === '' || name === '' || more.length > 0 ? undefined : { namespace, name };
}

/**
 * Why an object is not taken over as the mirror of a source (`--on-conflict adopt-mirrors`). While the source has an
 * annotation of the tool, that tool may be running, and it would write or delete the mirror.
 */
export function mirrorRefusal(there: ObjectMeta, source: ObjectMeta): AdoptRefusal | undefined {
  const mirror = readMirror(there);
  if (mirror === undefined || !isSameOrigin(mirror.origin, source)) return 'not-a-mirror';
  return toolKeys(source.annotations, mirror.tool).length > 0 ? 'source-still-mirrored' : undefined;
}
