/*
 * The value of a scalar, as kubectl reads it (sigs.k8s.io/yaml): the rules of YAML 1.1, with the numbers of Go.
 * Sexagesimal numbers and dates stay text.
 */

/** The text of a scalar. */
export interface ScalarText {
  readonly text: string;
  /** Neither quoted nor a block, so it can be a number. */
  readonly plain: boolean;
  /** The full tag. Empty if there is none. */
  readonly tag: string;
}

/** A scalar of JSON. Whole numbers are bigint, so that `1` and `1.0` stay different. */
export type Scalar = string | number | bigint | boolean | null;

/** A text does not match its tag. */
export class TagMismatch extends Error {}

const STANDARD = 'tag:yaml.org,2002:';
const KINDS = ['str', 'bool', 'int', 'float', 'null', 'timestamp'] as const;

type ScalarKind = (typeof KINDS)[number];

/** Returns the value of a scalar. With a tag that Kubernetes does not know, it is the text. */
export function resolveScalar({ text, plain, tag }: ScalarText): Scalar {
  if (tag === '') return plain ? valueOf(text) : text;
  if (tag === `${STANDARD}binary`) return binary(text);
  const kind = KINDS.find((one) => tag === STANDARD + one);
  return kind === undefined ? text : tagged(kind, text);
}

function tagged(kind: ScalarKind, text: string): Scalar {
  if (kind === 'str') return text;
  if (kind === 'timestamp') return timestamp(text);
  const value = valueOf(text);
  if (kind === 'float' && kindOf(value) === 'int') return Number(value);
  if (kindOf(value) === kind) return value;
  throw new TagMismatch();
}

function kindOf(value: Scalar): ScalarKind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return 'str';
}

const SPELLINGS: readonly (readonly [boolean | number | null, string])[] = [
  [true, 'y Y yes Yes YES true True TRUE on On ON'],
  [false, 'n N no No NO false False FALSE off Off OFF'],
  [null, '~ null Null NULL'],
  [Number.NaN, '.nan .NaN .NAN'],
  [Infinity, '.inf .Inf .INF +.inf +.Inf +.INF'],
  [-Infinity, '-.inf -.Inf -.INF'],
];

const WORDS = new Map(
  SPELLINGS.flatMap(([value, words]) => words.split(' ').map((word) => [word, value] as const)),
);

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const POINT_FIRST = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)?$/;

/** Returns the value of a plain scalar. */
function valueOf(text: string): Scalar {
  if (text === '') return null;
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (text.startsWith('.')) return POINT_FIRST.test(text) ? Number(text.replaceAll('_', '')) : text;
  return /^[-+0-9]/.test(text) ? numberIn(text.replaceAll('_', ''), text) : text;
}

const LARGEST = 2n ** 64n;
const LARGEST_SIGNED = 2n ** 63n;

/** Returns a number, or the text if it is not a number. A whole number of more than 64 bits becomes a float. */
function numberIn(digits: string, text: string): Scalar {
  const whole = wholeNumber(digits);
  if (whole !== undefined && whole < LARGEST && whole >= -LARGEST_SIGNED) return whole;
  return FLOAT.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : text;
}

const WHOLE = /^([-+]?)(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;

/** Returns a whole number: decimal, hex, binary or octal (`017` and `0o17`). */
function wholeNumber(digits: string): bigint | undefined {
  const [, sign, prefixed, octal, decimal] = WHOLE.exec(digits) ?? [];
  const text = prefixed?.toLowerCase() ?? (octal === undefined ? decimal : `0o${octal}`);
  if (text === undefined) return undefined;
  return sign === '-' ? -BigInt(text) : BigInt(text);
}

const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

function timestamp(text: string): string {
  if (DATE.test(text)) return text;
  throw new TagMismatch();
}

/** Decodes base64. Bytes that are not UTF-8 become replacement characters, as in JSON. */
function binary(text: string): string {
  const compact = text.replaceAll(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw new TagMismatch();
  return Buffer.from(compact, 'base64').toString('utf8');
}

/** Returns a scalar as a key of JSON. Undefined if kubectl rejects it as a key. */
export function keyText(value: Scalar): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return floatText(Math.fround(value));
  if (typeof value === 'bigint' && value >= LARGEST_SIGNED) return undefined;
  return String(value);
}

/** Writes a float of 32 bits as Go does: with the fewest digits, and very large or small ones as `1e+21`. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find(
    (most) => Math.fround(Number(value.toPrecision(most))) === value,
  );
  const shortest = Number(value.toPrecision(digits ?? 9));
  const exponent = Math.floor(Math.log10(Math.abs(shortest)));
  if (exponent >= -4 && exponent < 21) return String(shortest);
  return shortest.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}
