import type { ManifestProblem, ManifestTrouble, Manifests, Place, ValueType } from '../../model/manifest.ts';
import { bounded, counted, grouped } from '../strings/words.ts';
import { oneLine } from '../strings/sanitize.ts';

/** What is wrong with a manifest, as one line: file, line, object, what to do about it. Never a value. */
export function manifestLine({ at, object, trouble }: ManifestProblem): string {
  return oneLine(
    [placeWords(at), ...(object === undefined ? [] : [object]), troubleWords(trouble)].join(': '),
  );
}

/** What was passed over, if anything: whoever misspells a kind should see it. */
export function passedOverLine({ passedOver }: Manifests): string | undefined {
  if (passedOver.size === 0) return undefined;
  const count = [...passedOver.values()].reduce((sum, one) => sum + one, 0);
  const kinds = [...passedOver].map(
    ([kind, many]) => `${kind === '' ? 'without a kind' : kind} ${grouped(many)}`,
  );
  const noun = count === 1 ? 'manifest that is' : 'manifests that are';
  return oneLine(
    `passed over ${grouped(count)} ${noun} no Namespace, ConfigMap or Secret: ${bounded(kinds, 8)}`,
  );
}

/** `file:line`, which editors and CI systems make a link of. */
function placeWords({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

function troubleWords(trouble: ManifestTrouble): string {
  switch (trouble.code) {
    case 'unreadable':
      return trouble.message;
    case 'link-cycle':
      return 'links go round in a circle here';
    case 'file-too-large':
      return `${counted(trouble.bytes, 'byte')}, and a file may have ${grouped(trouble.limit)}; the dump of a whole cluster goes through a pipe: -f -`;
    case 'not-utf8':
      return 'this is no UTF-8 text';
    case 'malformed':
      return `this is no valid YAML: ${trouble.problem}`;
    case 'nothing-there':
      return 'there is no manifest';
    case 'not-an-object':
      return 'this is no object with apiVersion and kind';
    case 'list-in-itself':
      return 'aliases put the same list here twice';
    default:
      return fieldWords(trouble);
  }
}

type FieldTrouble = Extract<
  ManifestTrouble,
  {
    code:
      | 'no-api-version'
      | 'no-name'
      | 'bad-name'
      | 'wrong-type'
      | 'not-base64'
      | 'content-too-large'
      | 'twice';
  }
>;

function fieldWords(trouble: FieldTrouble): string {
  switch (trouble.code) {
    case 'no-api-version':
      return 'apiVersion is missing; it should be v1';
    case 'no-name':
      return 'metadata.name is missing';
    case 'bad-name':
      return `${trouble.field} "${trouble.name}" is no name that Kubernetes takes`;
    case 'wrong-type':
      return `${trouble.field} is ${A[trouble.found]} where ${A[trouble.wanted]} belongs${hint(trouble.wanted, trouble.found)}`;
    case 'not-base64':
      return `${trouble.field} is no base64; plain text goes into ${trouble.field.startsWith('data.') ? 'stringData' : 'data'}`;
    case 'content-too-large':
      return `${counted(trouble.bytes, 'byte')} of values, and Kubernetes takes ${grouped(trouble.limit)}`;
    case 'twice':
      return `it is in ${placeWords(trouble.other)} already`;
  }
}

const A: Readonly<Record<ValueType, string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a map',
};

function hint(wanted: ValueType, found: ValueType): string {
  return wanted === 'text' && (found === 'number' || found === 'boolean') ? '; put it in quotes' : '';
}
