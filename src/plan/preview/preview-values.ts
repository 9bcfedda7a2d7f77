import { typeOf } from '../copy/desired.ts';
import { copyContent } from '../copy/narrow-content.ts';
import type { Decision } from '../decide-copy.ts';
import { decodedLength, utf8Length } from '../copy/limits.ts';
import { UNKNOWN_VALUE } from '../../model/manifest.ts';
import type { Body } from '../../model/objects.ts';
import type { FieldDifference, PreviewValue, ValueChange } from '../../model/change.ts';
import { get } from '../../model/keys.ts';

/*
 * What does a preview show of values? For a value of a Secret, only its length. It is computed next to the decision, so
 * a plan, an outcome or a report never holds the value.
 */

/** The most characters of old values that a run keeps. Of further values it keeps only the length. */
const MOST_HELD = 16 * 1024 * 1024;

/**
 * Adds the changed values to the changes of a plan. Equal values are kept once, because 10,000 copies of a source can have
 * the same old value of 200 KB.
 */
export class ValuePreview {
  readonly #held = new Map<string, string>();
  #room: number;

  constructor(mostHeld: number = MOST_HELD) {
    this.#room = mostHeld;
  }

  /** Returns the decision with the values that its change sets, replaces or removes. */
  show(decision: Decision, source: Body, there: Body): Decision {
    if (decision.result !== 'change' || decision.change.action === 'create') return decision;
    const values = decision.change.fields.flatMap((field) => this.#valueChange(field, source, there));
    return values.length === 0 ? decision : { result: 'change', change: { ...decision.change, values } };
  }

  #valueChange({ part, key }: FieldDifference, source: Body, there: Body): ValueChange[] {
    const content = copyContent(source);
    if (part === 'type') return [{ part, before: typeOf(there.content), after: typeOf(content) }];
    if ((part !== 'data' && part !== 'binaryData') || key === undefined) return [];
    const [have, want] = [get(there.content[part], key), get(content[part], key)];
    if (have === UNKNOWN_VALUE || want === UNKNOWN_VALUE) return [];
    const isText = there.kind === 'ConfigMap' && part === 'data';
    return [
      {
        part,
        key,
        ...(have !== undefined && { before: isText ? this.#hold(have) : decodedLength(have) }),
        ...(want !== undefined && { after: isText ? want : decodedLength(want) }),
      },
    ];
  }

  #hold(text: string): PreviewValue {
    const held = this.#held.get(text);
    if (held !== undefined) return held;
    if (text.length > this.#room) return utf8Length(text);
    this.#room -= text.length;
    this.#held.set(text, text);
    return text;
  }
}
