import type { ManifestIssue, ValueType } from '../../model/manifest.ts';
import { quote } from '../strings/truncate.ts';
import { countOf, joinWithOr, formatCount } from '../strings/names-and-counts.ts';
import { markName } from '../strings/name-marks.ts';
import { placeText } from '../strings/places.ts';

/** Returns what is wrong with a manifest, and what to do. */
export function issueText(issue: ManifestIssue): string {
  switch (issue.code) {
    case 'unreadable':
      return issue.message;
    case 'link-cycle':
      return 'the symbolic links form a cycle';
    case 'file-too-large':
      return `the file has ${countOf(issue.bytes, 'byte')}, and the limit is ${formatCount(issue.limit)}; for the dump of a whole cluster, use -f - and a pipe`;
    case 'not-utf8':
      return 'bytes that are not UTF-8 were replaced by �, as kubectl does';
    case 'malformed':
      return `invalid YAML: ${issue.problem}`;
    case 'template':
      return `${issue.field === undefined ? 'this' : markName(issue.field)} is a template; render it first, for example: ${markName('helm template … | kubed-sync … -f -')}`;
    case 'rest-ignored':
      return 'kubectl ignores the document from here to the next ---; put --- between documents';
    case 'nothing-there':
      return 'no manifests found';
    case 'not-an-object':
      return 'not an object: apiVersion and kind are missing';
    case 'list-in-list':
      return 'kubectl does not accept a list in a list';
    case 'encrypted':
      return `${markName(issue.field)} is encrypted, so the object cannot be previewed; use encrypted_regex of SOPS to encrypt only data and stringData`;
    case 'values-encrypted':
      return 'its values are encrypted, so no copies can be rendered; decrypt it first: sops decrypt FILE | kubed-sync render -f -';
    case 'twice':
      return `${placeText(issue.other)} declares it too, with other content; this one is used, because kubectl apply uses the last one`;
    default:
      return fieldIssueText(issue);
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

function fieldIssueText(issue: FieldIssue): string {
  switch (issue.code) {
    case 'no-api-version':
      return 'apiVersion is missing; it should be v1';
    case 'no-name':
      return 'metadata.name is missing';
    case 'bad-name':
      return `${markName(issue.field)} ${quote(issue.name)} is not a valid name`;
    case 'wrong-type':
      return `${markName(issue.field)} must be ${TYPE_NAMES[issue.wanted]}, but it is ${TYPE_NAMES[issue.found]}${typeHint(issue.wanted, issue.found)}`;
    case 'null-value':
      return nullValueText(issue);
    case 'unknown-field':
      return unknownFieldText(issue.field, issue.meant);
    case 'bad-key':
      return `${markName(issue.field)} is not a valid key: letters, digits, "-", "_" and "." are allowed, at most 253, and not ".." at the start`;
    case 'key-twice':
      return `the key ${markName(issue.key)} is in data and in binaryData`;
    case 'bad-label-key':
      return `${markName(issue.field)} is not a valid key of labels or annotations`;
    case 'bad-label-value':
      return `${markName(issue.field)} has an invalid value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
    case 'not-base64':
      return `${markName(issue.field)} is not base64; plain text goes into ${issue.field.startsWith('data.') ? 'stringData' : 'data'}`;
    default:
      return contentIssueText(issue);
  }
}

function contentIssueText(
  issue: Extract<
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
  switch (issue.code) {
    case 'type-needs-key':
      return `a Secret of type ${markName(issue.type)} needs the key ${joinWithOr(issue.keys.map(markName))}`;
    case 'type-needs-json':
      return `the key ${markName(issue.key)} of a Secret of type ${markName(issue.type)} must hold a JSON object`;
    case 'type-needs-annotation':
      return `a Secret of type ${markName(issue.type)} needs the annotation ${markName(issue.key)}`;
    case 'content-too-large':
      return `the values have ${countOf(issue.bytes, 'byte')}, and Kubernetes accepts ${formatCount(issue.limit)}`;
    case 'annotations-too-large':
      return `the annotations have ${countOf(issue.bytes, 'byte')}, and Kubernetes accepts ${formatCount(issue.limit)}`;
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

function unknownFieldText(field: string | undefined, meant: string | undefined): string {
  if (field === undefined)
    return 'unknown field. Its name is not shown, because a value may be here by mistake; check the indentation';
  return `unknown field ${markName(field)}${meant === undefined ? '' : `; did you mean ${markName(meant)}?`}`;
}
