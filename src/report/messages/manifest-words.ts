import type { ManifestIssue, ValueType } from '../../model/manifest.ts';
import { quote } from '../strings/truncate.ts';
import { countOf, joinWithOr, formatCount } from '../strings/words.ts';
import { markName } from '../strings/name-marks.ts';
import { placeText } from '../strings/places.ts';

/** Returns what is wrong with a manifest, and what to do. */
export function issueText(trouble: ManifestIssue): string {
  switch (trouble.code) {
    case 'unreadable':
      return trouble.message;
    case 'link-cycle':
      return 'the symbolic links form a cycle';
    case 'file-too-large':
      return `the file has ${countOf(trouble.bytes, 'byte')}, and the limit is ${formatCount(trouble.limit)}; for the dump of a whole cluster, use -f - and a pipe`;
    case 'not-utf8':
      return 'bytes that are not UTF-8 were replaced by �, as kubectl does';
    case 'malformed':
      return `invalid YAML: ${trouble.problem}`;
    case 'template':
      return `${trouble.field === undefined ? 'this' : markName(trouble.field)} is a template; render it first, for example: ${markName('helm template … | kubed-sync … -f -')}`;
    case 'rest-ignored':
      return 'kubectl ignores the document from here to the next ---; put --- between documents';
    case 'nothing-there':
      return 'no manifests found';
    case 'not-an-object':
      return 'not an object: apiVersion and kind are missing';
    case 'list-in-list':
      return 'kubectl does not accept a list in a list';
    case 'encrypted':
      return `${markName(trouble.field)} is encrypted, so the object cannot be previewed; use encrypted_regex of SOPS to encrypt only data and stringData`;
    case 'values-encrypted':
      return 'its values are encrypted, so no copies can be rendered; decrypt it first: sops decrypt FILE | kubed-sync render -f -';
    case 'twice':
      return `${placeText(trouble.other)} declares it too, with other content; this one is used, because kubectl apply uses the last one`;
    default:
      return fieldIssueText(trouble);
  }
}

type FieldIssue = Extract<
  ManifestIssue,
  {
    code:
      | 'no-api-version'
      | 'no-name'
      | 'bad-name'
      | 'wrong-type'
      | 'null-value'
      | 'unknown-field'
      | 'bad-key'
      | 'key-twice'
      | 'bad-label-key'
      | 'bad-label-value'
      | 'not-base64'
      | 'type-needs-key'
      | 'type-needs-json'
      | 'type-needs-annotation'
      | 'content-too-large'
      | 'annotations-too-large';
  }
>;

function fieldIssueText(trouble: FieldIssue): string {
  switch (trouble.code) {
    case 'no-api-version':
      return 'apiVersion is missing; it should be v1';
    case 'no-name':
      return 'metadata.name is missing';
    case 'bad-name':
      return `${markName(trouble.field)} ${quote(trouble.name)} is not a valid name`;
    case 'wrong-type':
      return `${markName(trouble.field)} must be ${TYPE_NAMES[trouble.wanted]}, but it is ${TYPE_NAMES[trouble.found]}${typeHint(trouble.wanted, trouble.found)}`;
    case 'null-value':
      return nullValueText(trouble);
    case 'unknown-field':
      return `unknown field ${markName(trouble.field)}${trouble.meant === undefined ? '' : `; did you mean ${markName(trouble.meant)}?`}`;
    case 'bad-key':
      return `${markName(trouble.field)} is not a valid key: letters, digits, "-", "_" and "." are allowed, at most 253, and not ".." at the start`;
    case 'key-twice':
      return `the key ${markName(trouble.key)} is in data and in binaryData`;
    case 'bad-label-key':
      return `${markName(trouble.field)} is not a valid key of labels or annotations`;
    case 'bad-label-value':
      return `${markName(trouble.field)} has an invalid value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
    case 'not-base64':
      return `${markName(trouble.field)} is not base64; plain text goes into ${trouble.field.startsWith('data.') ? 'stringData' : 'data'}`;
    default:
      return contentIssueText(trouble);
  }
}

function contentIssueText(
  trouble: Extract<
    FieldIssue,
    {
      code:
        | 'type-needs-key'
        | 'type-needs-json'
        | 'type-needs-annotation'
        | 'content-too-large'
        | 'annotations-too-large';
    }
  >,
): string {
  switch (trouble.code) {
    case 'type-needs-key':
      return `a Secret of type ${markName(trouble.type)} needs the key ${joinWithOr(trouble.keys.map(markName))}`;
    case 'type-needs-json':
      return `the key ${markName(trouble.key)} of a Secret of type ${markName(trouble.type)} must hold a JSON object`;
    case 'type-needs-annotation':
      return `a Secret of type ${markName(trouble.type)} needs the annotation ${markName(trouble.key)}`;
    case 'content-too-large':
      return `the values have ${countOf(trouble.bytes, 'byte')}, and Kubernetes accepts ${formatCount(trouble.limit)}`;
    case 'annotations-too-large':
      return `the annotations have ${countOf(trouble.bytes, 'byte')}, and Kubernetes accepts ${formatCount(trouble.limit)}`;
  }
}

/** Returns both results, because they depend on the tool that applies the manifest. */
function nullValueText({ field, part, selects }: Extract<FieldIssue, { code: 'null-value' }>): string {
  const stored = selects ? '"", which selects every namespace' : '""';
  const outcomes =
    part === 'annotations'
      ? `kubectl create, server-side apply and kubectl apply of 1.36 store ${stored}, and this preview assumes that; kubectl apply of 1.32 drops all annotations of the object`
      : `client-side kubectl apply drops it, and this preview assumes that; kubectl create and server-side apply store ${stored}`;
  return `${markName(field)} has no value: ${outcomes}. Write "" or remove it`;
}

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a map',
};

function typeHint(wanted: ValueType, found: ValueType): string {
  return wanted === 'text' && (found === 'number' || found === 'boolean') ? '; put it in quotes' : '';
}
