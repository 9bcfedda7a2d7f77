import type {
  Migration,
  MirrorTool,
  ThereAlready,
  TurnProblem,
  TurnedSource,
} from '../../model/migration.ts';
import { compareText } from '../../model/keys.ts';
import { groupBy } from '../../util/group-by.ts';
import { countOf, formatCount, objectName, originName } from '../strings/names-and-counts.ts';
import { sanitizeLine } from '../strings/sanitize.ts';
import { quote } from '../strings/truncate.ts';
import { targetLines } from '../messages/target-message.ts';

/*
 * The way from another tool as a shell script, to read and then to run step by step. Everything except commands is a
 * comment. A command has only names that Kubernetes accepts, and values that our own grammar accepts, in single quotes.
 */

/** How many objects of a list are named without `-v`. */
const MAX_NAMES = 20;
const WIDTH = 78;

/** Returns the script. */
export function migrationScript(migration: Migration, verbose: boolean): string {
  const sections = [
    migration.sources.length === 0 ? nothingToTurn(migration.tool) : scaleDown(migration.tool),
    turned(migration),
    notTurned(migration, verbose),
    inTheWay(migration, verbose),
    takeOver(migration, verbose),
    takeOverUnnamed(migration, verbose),
    leftOver(migration, verbose),
    uninstall(migration),
  ].filter((section) => section !== undefined);
  const steps = sections.flatMap(({ title, lines }, at) => ['', ...comment(`${at + 1}. ${title}`), ...lines]);
  return `${[...head(migration), ...steps].join('\n')}\n`;
}

/** A numbered step: what to do and why, and the lines below it. */
interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function head({ tool, ...migration }: Migration): readonly string[] {
  return [
    '#!/bin/sh',
    ...comment(`From ${tool} to kubed-sync. Nothing was written. Read this, then run it step by step.`),
    ...targetLines(migration).flatMap((line) => comment(line)),
    'set -eu',
  ];
}

function nothingToTurn(tool: MirrorTool): Section {
  return { title: `No source of ${tool} here can be turned. Leave ${tool} as it is.`, lines: [] };
}

const DEPLOYMENTS: Readonly<Record<MirrorTool, string>> = {
  reflector: 'reflector',
  replicator: 'kubernetes-replicator',
};

const WHY_SCALE: Readonly<Record<MirrorTool, string>> = {
  reflector:
    'While it runs, reflector deletes its mirrors as soon as an annotation of their source is gone, and writes the others again.',
  replicator:
    'While it runs, replicator writes its copies again, and deletes the copies of a source that is deleted.',
};

/** The name of the deployment depends on the release of its chart, so the reader puts it in. */
function scaleDown(tool: MirrorTool): Section {
  const name = DEPLOYMENTS[tool];
  return {
    title: `Scale ${tool} to 0. ${WHY_SCALE[tool]} Write its namespace and name instead of NAMESPACE and ${name}. This finds them:`,
    lines: [
      `#   kubectl get deployments --all-namespaces -l app.kubernetes.io/name=${name}`,
      ...(tool === 'reflector' ? comment('If its chart has cron.enabled, suspend its CronJob instead.') : []),
      `kubectl scale deployment --namespace NAMESPACE ${name} --replicas 0`,
    ],
  };
}

function turned({ sources }: Migration): Section | undefined {
  if (sources.length === 0) return undefined;
  const title = `Turn the annotations of ${countOf(sources.length, 'source')}. If they come from Git, change them there: otherwise the old ones come back.`;
  return { title, lines: sources.flatMap(turnCommand) };
}

function turnCommand(source: TurnedSource): readonly string[] {
  const { kind, namespace, name, set, remove, stripsLabels } = source;
  const changes = [
    ...Object.entries(set).map(([key, value]) => shellQuote(`${key}=${value}`)),
    ...remove.toSorted(compareText).map((key) => shellQuote(`${key}-`)),
  ];
  return [
    ...(stripsLabels
      ? comment(
          `${objectName(source)} had strip-labels. kubed-sync copies labels: exclude them with --strip.`,
        )
      : []),
    [
      `kubectl annotate ${kind.toLowerCase()} --namespace ${shellQuote(namespace)} ${shellQuote(name)}`,
      ...changes,
    ].join(' \\\n  '),
  ];
}

/** `it's` → `'it'\''s'`. Between single quotes a shell changes nothing. */
function shellQuote(word: string): string {
  return /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function notTurned({ notTurned: left }: Migration, verbose: boolean): Section | undefined {
  if (left.length === 0) return undefined;
  const texts = left.map(({ problem, ...object }) => `${objectName(object)}: ${problemText(problem)}`);
  const title = `Not turned: ${countOf(left.length, 'object')}. They keep their annotations, and get no copies from kubed-sync.`;
  return { title, lines: items(texts, verbose) };
}

function problemText(problem: TurnProblem): string {
  switch (problem.code) {
    case 'only-pulled':
      return 'other objects pull from it. kubed-sync only pushes: annotate it with kubed.appscode.com/sync yourself';
    case 'switched-off':
      return 'it does not allow mirrors';
    case 'already-a-source':
      return 'it has the annotation kubed.appscode.com/sync already. Remove the annotations of the other tool';
    case 'is-a-mirror':
      return 'it is a mirror itself, and a copy of kubed-sync is not a source. Let its source select these namespaces too';
    case 'regex':
      return `${quote(problem.item)} in ${problem.annotation} is a regular expression without an exact counterpart`;
    case 'either-or':
      return `a namespace must match ${problem.annotations.join(' or ')}. In kubed-sync it must match all`;
    case 'two-patterns':
      return `a namespace must match a pattern of ${problem.annotations.join(' and one of ')}`;
    case 'selector':
      return `${problem.annotation} is not a valid selector, or has another meaning in kubed-sync: ${quote(problem.selector)}`;
    case 'matches-nothing':
      return 'it selects no namespace';
  }
}

function inTheWay({ collisions }: Migration, verbose: boolean): Section | undefined {
  if (collisions.length === 0) return undefined;
  const title = `Names that collide: ${countOf(collisions.length, 'object has', 'objects have')} the name of a copy, and no complete marks of its source. kubed-sync reports a conflict, and changes nothing there. Rename them, or keep them.`;
  return { title, lines: items(collisions.map(thereText), verbose) };
}

function thereText(one: ThereAlready): string {
  return `${objectName(one)} (${originName(one.origin)})`;
}

function takeOver({ tool, sources, mirrors }: Migration, verbose: boolean): Section | undefined {
  if (mirrors.length === 0) return undefined;
  const title = `Look, then take over ${countOf(mirrors.length, 'mirror')}. Only complete mirrors of these sources are taken over. They lose the marks of ${tool} and get ours.`;
  const names = verbose ? items(mirrors.map(thereText), verbose) : [];
  return { title, lines: [...names, ...reconcileCommands('adopt-mirrors', sources, [])] };
}

/** `adopt` takes over every object. So the script excludes namespaces in which the object is not a copy of the tool. */
function takeOverUnnamed({ sources, unnamed, collisions }: Migration, verbose: boolean): Section | undefined {
  if (unnamed.length === 0) return undefined;
  const title = `Look, then take over ${countOf(unnamed.length, 'copy', 'copies')} that replicator pushed. They do not say which source they are from, so this needs --on-conflict adopt, which takes any object that has the name of a copy. Read its dry run.`;
  const names = [...new Set(collisions.map(({ namespace }) => namespace))].toSorted(compareText);
  return {
    title,
    lines: [...items(unnamed.map(thereText), verbose), ...reconcileCommands('adopt', sources, names)],
  };
}

function leftOver({ tool, left }: Migration, verbose: boolean): Section | undefined {
  if (left.length === 0) return undefined;
  const title = `${countOf(left.length, 'mirror')} of ${tool} that no source of kubed-sync asks for: from now on ordinary objects.`;
  return { title, lines: items(left.map(thereText), verbose) };
}

function uninstall({ tool, sources }: Migration): Section | undefined {
  if (sources.length === 0) return undefined;
  return {
    title: `From now on, run kubed-sync without --on-conflict. Uninstall ${tool} when everything works.`,
    lines: [],
  };
}

function reconcileCommands(
  how: string,
  sources: readonly TurnedSource[],
  excluded: readonly string[],
): readonly string[] {
  const from = [...groupBy(sources, ({ namespace }) => namespace).keys()].toSorted(compareText);
  const options = [
    `--on-conflict ${how}`,
    ...from.map((namespace) => `--source-namespace ${shellQuote(namespace)}`),
    ...excluded.map((namespace) => `--exclude-namespace ${shellQuote(namespace)}`),
  ];
  const command = (more: readonly string[]): string =>
    ['kubed-sync reconcile', ...more, ...options].join(' \\\n  ');
  return [
    command(['--dry-run']),
    ...command([])
      .split('\n')
      .map((line) => `# ${line}`),
  ];
}

function items(texts: readonly string[], verbose: boolean): readonly string[] {
  const shown = verbose || texts.length <= MAX_NAMES + 1 ? texts : texts.slice(0, MAX_NAMES);
  const rest = texts.length - shown.length;
  return [
    ...shown.flatMap((text) => comment(`- ${text}`)),
    ...(rest > 0 ? comment(`- and ${formatCount(rest)} more (all with -v)`) : []),
  ];
}

/** Returns a text as lines of a comment. No text of others can end its line. */
function comment(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of sanitizeLine(text).split(' ')) {
    if (line !== '#' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = text.startsWith('- ') ? '#  ' : '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
