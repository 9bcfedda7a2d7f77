import {
  FIELDS,
  MANAGED_BY,
  MANAGER,
  ORIGIN,
  SYNC_KEYS,
  originLabels,
  writeFields,
  writeOrigin,
  CONTEXT,
  ORIGIN_CLUSTER_UID,
} from '../annotations/markers.ts';
import type { Body, Content, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { get } from '../../model/keys.ts';
import { copyContent } from './narrow-content.ts';
import { copied } from './strip.ts';
import { memoizePair } from '../../util/memoize.ts';

/** What should a copy look like (docs/design.md 3.3)? These labels and annotations, the same in every namespace. */
export interface DesiredMetadata {
  readonly labels: StringMap;
  /** Without the mark `fields`, if only the metadata of the source is known. */
  readonly annotations: StringMap;
}

/** The labels and annotations of a copy, as far as the metadata of its source tells. */
export function desiredFromMetadata(source: ObjectMeta, settings: Settings): DesiredMetadata {
  return {
    labels: {
      ...copied(source.labels, settings.strip),
      ...originLabels(source, settings),
      [MANAGED_BY]: MANAGER,
    },
    annotations: {
      ...copied(source.annotations, settings.strip),
      [ORIGIN]: writeOrigin(source),
      ...clusterMarks(settings),
    },
  };
}

/** The marks that only a copy in another cluster has. */
function clusterMarks({ clusterUid, remote }: Settings): StringMap {
  if (remote === undefined || clusterUid === undefined) return {};
  return { [ORIGIN_CLUSTER_UID]: clusterUid, [CONTEXT]: remote.context };
}

/** All labels and annotations of a copy of this source, computed once for a source and a run. */
export function desired(source: Body, settings: Settings): DesiredMetadata {
  return desiredOnce(settings, source);
}

const desiredOnce = memoizePair((settings: Settings, source: Body): DesiredMetadata => {
  const { labels, annotations } = desiredFromMetadata(source, settings);
  const fields = writeFields(contentFields(source), settings.sha256, get(source.annotations, SYNC_KEYS));
  return { labels, annotations: { ...annotations, [FIELDS]: fields } };
});

/** The names of the content fields that a copy of this source has: `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
export function contentFields(source: Body): readonly string[] {
  const { kind } = source;
  const content = copyContent(source);
  return [
    ...Object.keys(content.data).map((key) => `data/${key}`),
    ...Object.keys(content.binaryData).map((key) => `binaryData/${key}`),
    ...(kind === 'Secret' ? ['type'] : []),
    ...(content.immutable ? ['immutable'] : []),
  ];
}

/** The type of a Secret. The API server sets `Opaque` if there is none. */
export function typeOf(content: Content): string {
  return content.type ?? 'Opaque';
}
