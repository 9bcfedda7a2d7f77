import {
  FIELDS,
  MANAGED_BY,
  MANAGER,
  ORIGIN,
  originLabels,
  writeFields,
  writeOrigin,
} from '../annotations/markers.ts';
import type { Body, Content, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { copied } from './strip.ts';

/** The labels and annotations that every copy of one source carries; the target's namespace plays no part. */
export interface DesiredMetadata {
  readonly labels: StringMap;
  /** Without the mark `fields` where only the source's metadata is known. */
  readonly annotations: StringMap;
}

/** What metadata alone says of the labels and annotations of a copy (design section 2). */
export function desiredFromMetadata(source: ObjectMeta, settings: Settings): DesiredMetadata {
  return {
    labels: {
      ...copied(source.labels, settings.strip),
      ...originLabels(source, settings),
      [MANAGED_BY]: MANAGER,
    },
    annotations: { ...copied(source.annotations, settings.strip), [ORIGIN]: writeOrigin(source) },
  };
}

/** All labels and annotations of a copy of this source. Worked out once for a source and a run, since every copy asks. */
export function desired(source: Body, settings: Settings): DesiredMetadata {
  const ofRun = known.get(settings) ?? begin(settings);
  const before = ofRun.get(source);
  if (before !== undefined) return before;
  const wanted = workOut(source, settings);
  ofRun.set(source, wanted);
  return wanted;
}

function begin(settings: Settings): WeakMap<Body, DesiredMetadata> {
  const ofRun = new WeakMap<Body, DesiredMetadata>();
  known.set(settings, ofRun);
  return ofRun;
}

const known = new WeakMap<Settings, WeakMap<Body, DesiredMetadata>>();

function workOut(source: Body, settings: Settings): DesiredMetadata {
  const { labels, annotations } = desiredFromMetadata(source, settings);
  return {
    labels,
    annotations: { ...annotations, [FIELDS]: writeFields(contentFields(source), settings.sha256) },
  };
}

/** Names of the content fields that a copy of this source has: `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
export function contentFields({ content, kind }: Body): readonly string[] {
  return [
    ...Object.keys(content.data).map((key) => `data/${key}`),
    ...Object.keys(content.binaryData).map((key) => `binaryData/${key}`),
    ...(kind === 'Secret' ? ['type'] : []),
    ...(content.immutable ? ['immutable'] : []),
  ];
}

/** The type of a Secret; the API server makes a Secret without one Opaque. */
export function typeOf(content: Content): string {
  return content.type ?? 'Opaque';
}
