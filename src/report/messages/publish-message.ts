import type { FilesWritten } from '../../manifests/write-manifests.ts';
import type { PublishProblem } from '../../model/run-report.ts';
import { sanitizeLine } from '../strings/sanitize.ts';
import { joinFirst, countOf } from '../strings/names-and-counts.ts';

/** Returns what could not be published, and what to do, as one line. */
export function publishMessage(trouble: PublishProblem): string {
  return sanitizeLine(
    trouble.at === 'metrics-file'
      ? `The metrics cannot be written to ${trouble.file}: ${trouble.code}. ${fileHint(trouble.code)}`
      : `The metrics cannot be pushed to ${trouble.url}: ${pushProblemText(trouble.problem)}`,
  );
}

function fileHint(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'Create the directory, or mount a volume there.';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'Mount a volume there that this user can write to.';
    case 'EBUSY':
      return 'Mount the directory instead of the file: the file is replaced as a whole.';
    default:
      return 'Use another file with --metrics-file.';
  }
}

type Problem = Extract<PublishProblem, { readonly at: 'pushgateway' }>['problem'];

function pushProblemText(problem: Problem): string {
  if (problem === 'timed-out') return 'it did not answer in time. Check the address and the network.';
  if (problem === 'stopped') return 'the run was stopped before it answered.';
  if ('code' in problem) return `${problem.code}. ${codeHint(problem.code)}`;
  const { status, message } = problem;
  const said = message.trim() === '' ? `HTTP ${status}` : `${message.trim()} (HTTP ${status})`;
  return `${said}. ${statusHint(status)}`;
}

function codeHint(code: string): string {
  return /CERT|SELF_SIGNED|ALTNAME/.test(code)
    ? 'Its certificate is not trusted. Set NODE_EXTRA_CA_CERTS to the file of its certificate authority.'
    : 'Check the address, and check that a Pushgateway runs there.';
}

function statusHint(status: number): string {
  if (status === 401 || status === 403) return 'Check user and password in the URL.';
  if (status === 404 || (status >= 300 && status < 400)) return 'Check the path in the URL.';
  if (status === 400) return 'Other programs may have pushed metrics with the same names.';
  return 'Run again.';
}

const MAX_FILES = 5;

/** Returns how many copies of Secrets were not rendered. */
export function secretsMessage(count: number): string {
  const copies = countOf(count, 'copy of a Secret is', 'copies of Secrets are');
  return `${copies} not rendered; --include-secrets renders them, including their values`;
}

/** Returns what `--output-dir` did. */
export function filesMessage(folder: string, { changed, unchanged }: FilesWritten): string {
  const total = countOf(changed + unchanged, 'copy', 'copies');
  return sanitizeLine(`${total} in ${folder}: ${countOf(changed, 'file')} written, ${unchanged} unchanged`);
}

/** Returns the files of earlier runs that are not copies now. The user has to delete them. */
export function leftFilesMessage(folder: string, left: readonly string[]): string {
  const files =
    left.length === 1
      ? '1 file of an earlier run is not a copy now'
      : `${left.length} files of earlier runs are not copies now`;
  return sanitizeLine(
    `${files}; delete what you do not need: ${joinFirst(
      left.map((name) => `${folder}/${name}`),
      MAX_FILES,
    )}`,
  );
}

/** Returns why nothing is on stdout. */
export function noCopiesMessage(sources: number): string {
  return sources === 0
    ? 'no sources: no object has the annotation kubed.appscode.com/sync'
    : `no copies: ${countOf(sources, 'source')} but no other namespace; add Namespace manifests`;
}
