import { memoize } from '../../util/memoize.ts';
import { type Json } from '../api.ts';
import { formatTimestamp } from '../../util/timestamp.ts';
import { FieldReader, noFields, type RawFields } from './protobuf-reader.ts';

/*
 * Lists of metadata in protobuf (k8s.io/apimachinery: `generated.proto` of `runtime` and `meta/v1`). The messages that are
 * read here, with the numbers of their fields; all other fields are skipped:
 *
 *   Unknown                    typeMeta 1, raw 2: what stands around every answer, behind the bytes `k8s\0`
 *   TypeMeta                   kind 2
 *   PartialObjectMetadataList  metadata 1, items 2
 *   ListMeta                   resourceVersion 2, continue 3, remainingItemCount 4
 *   PartialObjectMetadata      metadata 1
 *   ObjectMeta                 name 1, namespace 3, uid 5, resourceVersion 6, creationTimestamp 8, deletionTimestamp 9,
 *                              labels 11, annotations 12, managedFields 17
 *   ManagedFieldsEntry         manager 1, operation 2, time 4, fieldsV1 7, subresource 8
 *   FieldsV1                   raw 1, which is JSON
 *   Time                       seconds 1
 *   an entry of a map          key 1, value 2
 */

/** The content type of an answer in protobuf. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');

/**
 * Reads a list: `take` is called with each item as it would be in JSON, with the fields named above; the rest of the list
 * is returned in the same way. Equal labels, equal annotations and equal `fieldsV1` are one object each: 10,000 copies of a
 * source hold them once.
 *
 * @throws where the bytes are not exactly one list: cut off, longer than they say, or of wrong types.
 */
export function parseProtobufList(body: Buffer, take: (item: Json) => void): Json {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Error('no answer of an API server in protobuf');
  const reader = new FieldReader(body, MAGIC.length);
  let kind = '';
  let metadata: Json | undefined;
  while (reader.next(body.length)) {
    if (reader.field === 1) kind = readText(reader, reader.enter(), 2, kind);
    else if (reader.field !== 2) reader.skip();
    else if (metadata === undefined) metadata = readList(reader, reader.enter(), take);
    else throw new Error('two objects in the answer');
  }
  if (metadata === undefined) throw new Error('no object in the answer');
  return { kind, metadata };
}

function readList(reader: FieldReader, end: number, take: (item: Json) => void): Json {
  const metadata = { resourceVersion: '', continue: '', remainingItemCount: 0 };
  const shared = sharedValues();
  while (reader.next(end)) {
    if (reader.field === 1) readListMeta(reader, reader.enter(), metadata);
    else if (reader.field === 2) take(readItem(reader, reader.enter(), shared));
    else reader.skip();
  }
  return { ...metadata };
}

interface ListMeta {
  resourceVersion: string;
  continue: string;
  remainingItemCount: number;
}

/** As everywhere here: of a field that comes twice the last is taken, and a message that comes twice is both of them. */
function readListMeta(reader: FieldReader, end: number, metadata: ListMeta): void {
  while (reader.next(end)) {
    if (reader.field === 2) metadata.resourceVersion = reader.text();
    else if (reader.field === 3) metadata.continue = reader.text();
    else if (reader.field === 4) metadata.remainingItemCount = reader.integer();
    else reader.skip();
  }
}

function readItem(reader: FieldReader, end: number, shared: SharedValues): Json {
  const metadata = noMetadata();
  const parts: ItemParts = { maps: noFields(), entries: noFields() };
  while (reader.next(end)) {
    if (reader.field === 1) readObjectMeta(reader, reader.enter(), metadata, parts, shared);
    else reader.skip();
  }
  const { labels, annotations } = shared.maps(reader.textOf(parts.maps));
  metadata.labels = labels;
  metadata.annotations = annotations;
  metadata.managedFields = shared.entries(reader.textOf(parts.entries));
  return { metadata };
}

/** The metadata of an item while it is read. Texts are empty where they are absent. */
interface ItemMetadata extends Json {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string | undefined;
  deletionTimestamp: string | undefined;
  labels: Json | undefined;
  annotations: Json | undefined;
  managedFields: readonly Json[] | undefined;
}

function noMetadata(): ItemMetadata {
  return {
    name: '',
    namespace: '',
    uid: '',
    resourceVersion: '',
    creationTimestamp: undefined,
    deletionTimestamp: undefined,
    labels: undefined,
    annotations: undefined,
    managedFields: undefined,
  };
}

/** The parts of an item that many items have in common. They are read at its end. */
interface ItemParts {
  /** The entries of labels and annotations. */
  readonly maps: RawFields;
  /** The managedFields. */
  readonly entries: RawFields;
}

function readObjectMeta(
  reader: FieldReader,
  end: number,
  item: ItemMetadata,
  { maps, entries }: ItemParts,
  shared: SharedValues,
): void {
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        item.name = shared.text(reader.text());
        break;
      case 3:
        item.namespace = shared.text(reader.text());
        break;
      case 5:
        item.uid = reader.text();
        break;
      case 6:
        item.resourceVersion = reader.text();
        break;
      case 8:
        item.creationTimestamp = shared.time(reader.latin1());
        break;
      case 9:
        item.deletionTimestamp = shared.time(reader.latin1());
        break;
      case 11:
      case 12:
        reader.addTo(maps);
        break;
      case 17:
        reader.addTo(entries);
        break;
      default:
        reader.skip();
    }
  }
}

/** Parts of objects by their bytes. */
interface SharedValues {
  /** Names: one text for all equal ones. */
  readonly text: (text: string) => string;
  readonly maps: (entries: string) => Maps;
  readonly entries: (entries: string) => readonly Json[];
  readonly time: (fields: string) => string | undefined;
}

interface Maps {
  readonly labels: Json;
  readonly annotations: Json;
}

/** Holds what the items of one page have in common; it goes with the page. */
function sharedValues(): SharedValues {
  const [time, fields] = [memoize(parseTime), memoize(parseFields)];
  const entry = memoize((one) => parseEntry(one, { time, fields }));
  const text = memoize((one) => one);
  return { text, maps: memoize(parseMaps), entries: memoize((all) => parseEntries(all, entry)), time };
}

/** Maps are repeated fields: their entries. */
function parseMaps(text: string): Maps {
  const [labels, annotations]: [string, string][][] = [[], []];
  const reader = readerOf(text);
  while (reader.next(text.length)) {
    const entries = reader.field === 11 ? labels : annotations;
    entries?.push(readPair(reader, reader.enter()));
  }
  return { labels: Object.fromEntries(labels ?? []), annotations: Object.fromEntries(annotations ?? []) };
}

function readPair(reader: FieldReader, end: number): [key: string, value: string] {
  let [key, value] = ['', ''];
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  return [key, value];
}

/** The entries of managedFields: a repeated field. */
function parseEntries(text: string, parse: (entry: string) => Json): readonly Json[] {
  const entries: Json[] = [];
  const reader = readerOf(text);
  while (reader.next(text.length)) entries.push(parse(reader.latin1()));
  return entries;
}

/** Copies are written some hundred a second, so many have the same entry, and nearly all have the same fields. */
function parseEntry(text: string, { time: timeOf, fields: fieldsOf }: PartsOfEntries): Json {
  let [manager, operation, fields, subresource] = ['', '', '', ''];
  let time: string | undefined;
  const reader = readerOf(text);
  while (reader.next(text.length)) {
    if (reader.field === 1) manager = reader.text();
    else if (reader.field === 2) operation = reader.text();
    else if (reader.field === 4) time = timeOf(reader.latin1());
    else if (reader.field === 7) fields = readText(reader, reader.enter(), 1, fields);
    else if (reader.field === 8) subresource = reader.text();
    else reader.skip();
  }
  return { manager, operation, time, fieldsV1: fieldsOf(fields), subresource };
}

interface PartsOfEntries {
  readonly time: SharedValues['time'];
  readonly fields: (json: string) => unknown;
}

/** The owned fields. Undefined if there are none. */
function parseFields(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json);
}

/** Returns the text with this number in a message, or the one before where the message has none. */
function readText(reader: FieldReader, end: number, number: number, before: string): string {
  let text = before;
  while (reader.next(end)) {
    if (reader.field === number) text = reader.text();
    else reader.skip();
  }
  return text;
}

/** RFC 3339 with seconds, as in JSON; an empty message is no time. */
function parseTime(text: string): string | undefined {
  let seconds = 0;
  const reader = readerOf(text);
  while (reader.next(text.length)) {
    if (reader.field === 1) seconds = reader.integer();
    else reader.skip();
  }
  if (text === '') return undefined;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) throw new Error('a year has not four digits');
  return formatTimestamp(new Date(seconds * 1000));
}

const FIRST_SECOND = Date.parse('0000-01-01T00:00:00Z') / 1000;
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** Of bytes, a character for each. */
function readerOf(text: string): FieldReader {
  return new FieldReader(Buffer.from(text, 'latin1'));
}
