import { BinaryReader } from '@bufbuild/protobuf/wire';

/*
 * The least that a client does with a metadata list in protobuf: it decodes the fields that a sync needs and shares
 * nothing. The baseline has its own decoder, so a change of the program does not affect it.
 * Field numbers: generated.proto of k8s.io/apimachinery.
 */

type Strings = Record<string, string>;
type Names = Readonly<Record<number, string>>;

const METADATA: Names = { 1: 'name', 3: 'namespace', 5: 'uid', 6: 'resourceVersion' };
const OWNER: Names = { 1: 'manager', 2: 'operation', 8: 'subresource' };

/** Decodes one page of a `PartialObjectMetadataList`, with the envelope that the API server puts around it. */
export function decodePage(body: Uint8Array): { continue: string; items: readonly object[] } {
  const page = { continue: '', items: [] as object[] };
  const reader = new BinaryReader(body.subarray('k8s\0'.length), utf8);
  const readList = (tag: number): boolean => {
    if (tag === 1) page.continue = readStrings(reader, { 3: 'continue' })['continue'] ?? '';
    else if (tag === 2) page.items.push(readItem(reader));
    return tag === 1 || tag === 2;
  };
  readFields(reader, reader.len, (tag) => tag === 2 && readMessage(reader, readList));
  return page;
}

function readItem(reader: BinaryReader): object {
  const [texts, labels, annotations]: [Strings, Strings, Strings] = [{}, {}, {}];
  const owners: Strings[] = [];
  const readMetadata = (tag: number): boolean => {
    if (tag === 11) readEntry(reader, labels);
    else if (tag === 12) readEntry(reader, annotations);
    else if (tag === 17) owners.push(readStrings(reader, OWNER));
    else if (tag === 8) readMessage(reader, (part) => part === 1 && readSeconds(reader, texts));
    else return readString(reader, METADATA[tag], texts);
    return true;
  };
  readMessage(reader, (tag) => tag === 1 && readMessage(reader, readMetadata));
  return { ...texts, labels, annotations, owners };
}

function readSeconds(reader: BinaryReader, into: Strings): boolean {
  into['creationTimestamp'] = new Date(Number(reader.int64()) * 1000).toISOString();
  return true;
}

function readEntry(reader: BinaryReader, into: Strings): void {
  const { key = '', value = '' } = readStrings(reader, { 1: 'key', 2: 'value' });
  into[key] = value;
}

/** The named fields of a message. Field 7, of field owners, is a message that holds the owned fields as a text. */
function readStrings(reader: BinaryReader, names: Names): Strings {
  const into: Strings = {};
  readMessage(reader, (tag) => {
    if (tag !== 7) return readString(reader, names[tag], into);
    return readMessage(reader, (part) => part === 1 && readString(reader, 'fields', into));
  });
  return into;
}

function readString(reader: BinaryReader, name: string | undefined, into: Strings): boolean {
  if (name !== undefined) into[name] = reader.string();
  return name !== undefined;
}

/** Reads a nested message. `read` returns false for a field that it does not read. */
function readMessage(reader: BinaryReader, read: (tag: number) => boolean): boolean {
  return readFields(reader, reader.uint32() + reader.pos, read);
}

function readFields(reader: BinaryReader, end: number, read: (tag: number) => boolean): boolean {
  while (reader.pos < end) {
    const [tag, type] = reader.tag();
    if (!read(tag)) reader.skip(type, tag);
  }
  return true;
}

/** Faster than the reader's own. */
function utf8({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
