import type { FilesWritten } from '../../manifests/write-manifests.ts';
import type { PublishProblem } from '../../model/run-report.ts';
import { oneLine } from '../strings/sanitize.ts';
import { bounded, counted } from '../strings/words.ts';

/** What could not be left behind, as one line with what to do about it. */
export function publishLine(trouble: PublishProblem): string {
  return oneLine(
    trouble.at === 'metrics-file'
      ? `The metrics cannot be written to ${trouble.file}: ${trouble.code}. ${fileRemedy(trouble.code)}`
      : `The metrics cannot be pushed to ${trouble.url}: ${pushProblem(trouble.problem)}`,
  );
}

function fileRemedy(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'Make the directory, or mount a volume there.';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'Mount a volume there that this user may write to.';
    case 'EBUSY':
      return 'Mount the directory and not the file: the file is replaced as a whole.';
    default:
      return 'Give another file with --metrics-file.';
  }
}

type Problem = Extract<PublishProblem, { readonly at: 'pushgateway' }>['problem'];

function pushProblem(problem: Problem): string {
  if (problem === 'timed-out') return 'it did not answer in time. Check the address and the network.';
  if (problem === 'stopped') return 'the run was stopped before it answered.';
  if ('code' in problem) return `${problem.code}. ${codeRemedy(problem.code)}`;
  const { status, message } = problem;
  const said = message.trim() === '' ? `HTTP ${status}` : `${message.trim()} (HTTP ${status})`;
  return `${said}. ${statusRemedy(status)}`;
}

function codeRemedy(code: string): string {
  return /CERT|SELF_SIGNED|ALTNAME/.test(code)
    ? 'Its certificate is not trusted: name the file of its authority in NODE_EXTRA_CA_CERTS.'
    : 'Check the address, and that a Pushgateway is there.';
}

function statusRemedy(status: number): string {
  if (status === 401 || status === 403) return 'Check user and password in the URL.';
  if (status === 404 || (status >= 300 && status < 400)) return 'Check the path in the URL.';
  if (status === 400) return 'It may hold metrics of the same names that other programs pushed.';
  return 'Run again.';
}

const MOST_FILES = 5;

/** Copies of Secrets that were left out. */
export function secretsLine(count: number): string {
  const copies = counted(count, 'copy of a Secret is', 'copies of Secrets are');
  return `${copies} left out: with --include-secrets their values stand in the output`;
}

/** What `--output-dir` did. */
export function filesLine(folder: string, { changed, unchanged }: FilesWritten): string {
  const total = counted(changed + unchanged, 'copy', 'copies');
  return oneLine(`${total} in ${folder}: ${counted(changed, 'file')} written, ${unchanged} unchanged`);
}

/** Files of earlier runs, which somebody has to delete. */
export function leftLine(folder: string, left: readonly string[]): string {
  const files =
    left.length === 1
      ? 'a file of an earlier run that is no copy any more'
      : 'files of earlier runs that are no copies any more';
  return oneLine(
    `${files}, delete what you do not want: ${bounded(
      left.map((name) => `${folder}/${name}`),
      MOST_FILES,
    )}`,
  );
}

/** Nothing is on stdout, and this is why. */
export function noCopiesLine(sources: number): string {
  return sources === 0
    ? 'no sources: nothing carries the annotation kubed.appscode.com/sync'
    : `no copies: ${counted(sources, 'source')} and no other namespace to copy to; namespaces have to be among the manifests`;
}
