import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/**
 * Reads the fields of a protobuf message one after the other:
 *
 *   while (reader.next(end)) {
 *     if (reader.field === 1) name = reader.text();
 *     else reader.skip();
 *   }
 *
 * A message in a field is read in the same way, up to the end that {@link enter} gives. A field that leaves its message is
 * an error, and so is one of another type than the one asked for. Nothing is copied on the way, since a list has hundreds
 * of thousands of fields.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #reader: BinaryReader;
  /** The number of the field. */
  field = 0;
  /** Where it begins. */
  #start = 0;
  #wire: WireType = WireType.Varint;

  /** Begins at this place of the bytes. */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#reader = new BinaryReader(bytes);
    this.#reader.pos = at;
  }

  /** Comes to the next field of the message that ends there; false at its end. */
  next(end: number): boolean {
    const start = this.#reader.pos;
    if (start > end) throw new Error('a field is longer than its message');
    if (start === end) return false;
    // `tag()` of the reader makes an array for each field, some megabytes in a list.
    const tag = this.#reader.uint32();
    this.#start = start;
    this.field = tag >>> WIRE_BITS;
    this.#wire = tag & WIRE_MASK;
    if (this.field === 0) throw new Error('a field has the number 0');
    return true;
  }

  /**
   * Begins the bytes of a field and says where they end. Of a length of more than 32 bits `uint32` gives the last 32, which
   * would be another length. So a length has to be as short as it can be, seven bits a byte: every server writes it so.
   */
  enter(): number {
    this.#expect(WireType.LengthDelimited);
    const from = this.#reader.pos;
    const length = this.#reader.uint32();
    const size = this.#reader.pos - from;
    if (size > 5 || (size > 1 && length >>> (7 * (size - 1)) === 0)) throw new Error('a length is too long');
    return this.#reader.pos + length;
  }

  /** The text of the field. */
  text(): string {
    return this.#content('utf8');
  }

  /** The bytes of the field, a character for each: so that they can be compared, and be the key of a map. */
  latin1(): string {
    return this.#content('latin1');
  }

  #content(encoding: 'utf8' | 'latin1'): string {
    const end = this.enter();
    const text = this.#bytes.toString(encoding, this.#reader.pos, end);
    this.#reader.pos = end;
    return text;
  }

  /** The integer of the field. */
  integer(): number {
    this.#expect(WireType.Varint);
    return Number(this.#reader.int64());
  }

  /** Leaves out the field. */
  skip(): void {
    if (this.#wire === WireType.LengthDelimited) this.#reader.pos = this.enter();
    else if (this.#wire === WireType.Varint) this.#reader.uint32();
    else this.#reader.skip(this.#wire, this.field);
  }

  /** Adds the field as it stands there, its number and length included, to others that were added. */
  addTo(fields: RawFields): void {
    if (this.#start !== fields.end) {
      fields.before = this.textOf(fields);
      fields.from = this.#start;
    }
    this.skip();
    fields.end = this.#reader.pos;
  }

  /** The fields that were added: a message of these alone, a character for each byte. */
  textOf({ before, from, end }: RawFields): string {
    return before + this.#bytes.toString('latin1', from, end);
  }

  #expect(wire: WireType): void {
    if (this.#wire !== wire) throw new Error('a field is of another type');
  }
}

/** A field begins with its number and, in the last three bits, its type (protobuf: encoding, "Message Structure"). */
const WIRE_BITS = 3;
const WIRE_MASK = 7;

/** Some fields of one message. Those that stand one behind the other are no text before it is asked for. */
export interface RawFields {
  before: string;
  from: number;
  end: number;
}

/** None yet. */
export function noFields(): RawFields {
  return { before: '', from: 0, end: 0 };
}
