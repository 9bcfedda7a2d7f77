import { createHash } from 'node:crypto';
import { KINDS, type Settings } from '../../core/model.ts';
import type { ConnectOptions } from '../../kube/connect.ts';
import {
  type ColorWish,
  type LogFormat,
  type Output,
  parseColor,
  parseDryRun,
  parseKind,
  parseLogFormat,
  parseOnConflict,
  parseOutput,
} from './values.ts';
import { parseDuration, parseRequestTimeout } from './duration.ts';
import { type Environment, type Inputs, parseText, type Switch } from './inputs.ts';
import { type ManifestInput, manifestInput, refuseManifests } from './manifests.ts';
import { parseClusterName, parseGlob, parseNamespace, parseStrip } from './names.ts';
import { parseConcurrency, parseMaxPrune } from './numbers.ts';
import type { CommandName } from './spec.ts';
import { type PublishWish, publishFrom } from './publish-options.ts';
import { Refusal } from './usage-error.ts';
import { parseShard } from './shard.ts';
import { version } from '../version.ts';

/** How to connect, but for the YAML library, which is loaded with the rest that `--help` does not need. */
export type Connect = Omit<ConnectOptions, 'parseYaml'>;

/** What the reader wants to see. */
export interface Style {
  /** `log`: JSON lines in the place of a report, where the log is JSON and no other form was asked for. */
  readonly output: Output | 'log';
  readonly log: LogFormat;
  readonly color: ColorWish;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Everything that was asked for, checked: no later part of a run finds fault with an option. */
export interface Request {
  readonly command: CommandName;
  readonly settings: Settings;
  readonly connect: Connect;
  readonly manifests: ManifestInput;
  readonly style: Style;
  readonly dryRun: boolean;
  /** `--dry-run=server`. */
  readonly rehearse: boolean;
  readonly exitCode: boolean;
  readonly publish: PublishWish;
  readonly concurrency: number;
  /** Milliseconds; absent is no limit. */
  readonly timeout?: number;
}

const REQUEST_TIMEOUT = 60_000;
const CONCURRENCY = 16;

/** Reads and checks the options of a command. */
export function requestFrom(command: CommandName, inputs: Inputs, env: Environment): Request {
  const timeout = inputs.one('timeout', parseDuration);
  const dryRun = inputs.one('dry-run', parseDryRun) ?? 'none';
  const request = {
    command,
    settings: settingsFrom(inputs, env),
    connect: connectFrom(inputs, env),
    manifests: manifestInput(inputs),
    style: styleFrom(inputs),
    dryRun: dryRun !== 'none',
    rehearse: dryRun === 'server',
    exitCode: inputs.flag('exit-code')?.on ?? false,
    publish: publishFrom(inputs),
    concurrency: inputs.one('concurrency', parseConcurrency) ?? CONCURRENCY,
    ...(timeout && { timeout }),
  };
  refuseContradictions(request);
  refuseManifests(request, inputs);
  return request;
}

function settingsFrom(inputs: Inputs, env: Environment): Settings {
  const kinds = inputs.all(['kind'], parseKind);
  const maxPrune = inputs.one('max-prune', parseMaxPrune);
  const shard = inputs.one('shard', (text) => parseShard(text, env));
  return {
    clusterName: inputs.one('cluster-name', parseClusterName) ?? '',
    namespaces: inputs.all(['namespace'], parseNamespace),
    sourceNamespaces: inputs.all(['source-namespace', 'config-source-namespace'], parseNamespace),
    includeNamespaces: inputs.all(['include-namespace'], parseGlob),
    excludeNamespaces: inputs.all(['exclude-namespace'], parseGlob),
    ...(shard && shard.count > 1 && { shard }),
    kinds: KINDS.filter((kind) => kinds.length === 0 || kinds.includes(kind)),
    prune: prunes(inputs.flag('prune'), inputs.flag('no-prune')),
    pruneLegacy: inputs.flag('prune-legacy')?.on ?? false,
    ...(maxPrune && { maxPrune }),
    verify: inputs.flag('verify')?.on ?? false,
    onConflict: inputs.one('on-conflict', parseOnConflict) ?? 'fail',
    strip: inputs.all(['strip'], parseStrip),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

/** The command line decides; in doubt nothing is deleted. */
function prunes(prune: Switch | undefined, noPrune: Switch | undefined): boolean {
  if (noPrune?.onCommandLine) return false;
  if (prune?.onCommandLine) return true;
  return (prune?.on ?? true) && !(noPrune?.on ?? false);
}

function connectFrom(inputs: Inputs, env: Environment): Connect {
  const kubeconfig = inputs.one('kubeconfig', parseText);
  const context = inputs.one('context', parseText);
  const as = inputs.one('as', parseText);
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(as !== undefined && { as }),
    asGroups: inputs.all(['as-group'], parseText),
    requestTimeout: inputs.one('request-timeout', parseRequestTimeout) ?? REQUEST_TIMEOUT,
    userAgent: `kubed-sync/${version()}`,
    env,
  };
}

function styleFrom(inputs: Inputs): Style {
  const quiet = inputs.flag('quiet');
  const verbose = inputs.flag('verbose');
  if (quiet?.on && verbose?.on && quiet.onCommandLine === verbose.onCommandLine) {
    throw new Refusal('--quiet and --verbose contradict each other');
  }
  const log = inputs.one('log-format', parseLogFormat) ?? 'text';
  return {
    output: inputs.one('output', parseOutput) ?? (log === 'json' ? 'log' : 'text'),
    log,
    color: inputs.one('color', parseColor) ?? 'auto',
    quiet: (quiet?.on ?? false) && !(verbose?.onCommandLine ?? false),
    verbose: (verbose?.on ?? false) && !(quiet?.onCommandLine ?? false),
  };
}

function refuseContradictions({ command, settings, dryRun, exitCode }: Request): void {
  if (command === 'purge' && !settings.prune) {
    throw new Refusal(
      '--no-prune contradicts purge, which does nothing but delete copies; to look only, give --dry-run',
    );
  }
  refuseUnseenSources(settings);
  if (settings.onConflict === 'adopt' && settings.sourceNamespaces.length === 0) {
    throw new Refusal(
      '--on-conflict adopt needs --source-namespace: without it anyone who may annotate an object could take over objects everywhere',
    );
  }
  if (exitCode && !dryRun) {
    throw new Refusal(
      '--exit-code needs --dry-run: it says whether changes are pending, and a run leaves none',
    );
  }
}

/** Sources where a run does not look would be none, and their copies stale for ever. */
function refuseUnseenSources({ namespaces, sourceNamespaces }: Settings): void {
  const unseen = sourceNamespaces.find((name) => namespaces.length > 0 && !namespaces.includes(name));
  if (unseen === undefined) return;
  throw new Refusal(
    `--source-namespace ${unseen} is not among the namespaces of --namespace, and the run looks at no others; give --namespace ${unseen} as well`,
  );
}
