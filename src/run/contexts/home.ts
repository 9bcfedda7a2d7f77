import type { Result } from '../../model/failure.ts';
import type { Body, ObjectKey, ObjectMeta, ObjectName } from '../../model/objects.ts';
import { keyOf } from '../../model/keys.ts';
import type { ClassifiedSnapshot } from '../../plan/classify.ts';
import type { Reader } from '../../readers/reader.ts';

/** The home cluster, as the work on other clusters needs it. */
export interface Home {
  /** The lists of home, with the uid of home in their scope. */
  readonly classified: ClassifiedSnapshot;
  /** Reads sources at home. */
  readonly reader: Reader;
  /** Deletes that the run has made or planned at home. `--max-prune N` counts over all clusters. */
  readonly prunes: number;
}

/** The name of the namespace whose uid identifies a cluster. */
export const CLUSTER_NAMESPACE = 'kube-system';

/** A body that is older than this is confirmed by its metadata before a context is written. */
const FRESH_FOR = 30_000;

interface ReadAt {
  readonly at: number;
  readonly body: Promise<Result<Body | undefined>>;
}

/** Reads the body of each source at home once, for all contexts, and confirms it later. */
export class SourceBodies {
  readonly #reader: Reader;
  readonly #now: () => number;
  readonly #bodies = new Map<ObjectKey, ReadAt>();

  constructor(reader: Reader, now: () => number = Date.now) {
    this.#reader = reader;
    this.#now = now;
  }

  /** A reader of home whose bodies are read once. */
  get reader(): Reader {
    return { ...this.#reader, body: (name) => this.#body(name) };
  }

  #body(name: ObjectName): Promise<Result<Body | undefined>> {
    const key = keyOf(name);
    const before = this.#bodies.get(key);
    if (before !== undefined) return before.body;
    const body = this.#reader.body(name);
    this.#bodies.set(key, { at: this.#now(), body });
    return body;
  }

  /**
   * Returns whether an origin is still as the plan knows it. Undefined in the plan means that it is gone. An origin that was
   * read a moment ago needs no request. `plannedAt` is the time of the plan, in milliseconds.
   */
  async isUnchanged(name: ObjectName, planned: ObjectMeta | undefined, plannedAt: number): Promise<boolean> {
    const readAt = this.#bodies.get(keyOf(name))?.at ?? plannedAt;
    if (this.#now() - readAt <= FRESH_FOR) return true;
    const now = await this.#reader.meta(name);
    if (!now.ok) return false;
    return now.value?.uid === planned?.uid && now.value?.resourceVersion === planned?.resourceVersion;
  }
}
