import { typeOf } from './desired.ts';
import type { Verdict } from './judge.ts';
import type { Body, FieldDifference, Shown, ValueChange } from './model.ts';
import { get } from './records.ts';

/*
 * What a preview shows of values. A value of a Secret is turned into its length here, where the body is judged, so
 * that no plan, outcome or report ever holds one.
 */

/** Characters of old values that a run holds in all; of what is beyond, only the length is known. */
const MOST_HELD = 16 * 1024 * 1024;

/**
 * Puts beside the rewrites of a plan the values that they change. Equal values are held once: 10,000 copies of one
 * source differ from it in the same few values, and a plan must not hold 10,000 times 200 KB.
 */
export class Preview {
  readonly #held = new Map<string, string>();
  #room: number;

  constructor(mostHeld: number = MOST_HELD) {
    this.#room = mostHeld;
  }

  /** The verdict with the values that its change concerns. */
  show(verdict: Verdict, source: Body, there: Body): Verdict {
    if (verdict.verdict !== 'change' || verdict.change.action === 'create') return verdict;
    const values = verdict.change.fields.flatMap((field) => this.#valueChange(field, source, there));
    return values.length === 0 ? verdict : { verdict: 'change', change: { ...verdict.change, values } };
  }

  #valueChange({ part, key }: FieldDifference, source: Body, there: Body): ValueChange[] {
    if (part === 'type') return [{ part, before: typeOf(there.content), after: typeOf(source.content) }];
    if ((part !== 'data' && part !== 'binaryData') || key === undefined) return [];
    const [have, want] = [get(there.content[part], key), get(source.content[part], key)];
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

  #hold(text: string): Shown {
    const held = this.#held.get(text);
    if (held !== undefined) return held;
    if (text.length > this.#room) return byteLength(text);
    this.#room -= text.length;
    this.#held.set(text, text);
    return text;
  }
}

/** The bytes that a base64 text stands for. */
export function decodedLength(base64: string): number {
  const digits = base64.replace(/[\s=]+/g, '').length;
  return Math.floor((digits * 3) / 4);
}

/** The bytes of a text in UTF-8; a lone surrogate is written as three, as everywhere. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) bytes += unit > 0x7ff && !isPairHalf(text, at) ? 2 : 1;
  }
  return bytes;
}

/** Each half of a surrogate pair stands for two of its four bytes. */
function isPairHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (isHigh(unit)) return isLow(text.charCodeAt(at + 1));
  return isLow(unit) && isHigh(text.charCodeAt(at - 1));
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
