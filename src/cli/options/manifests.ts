import { type Inputs, parseText } from './inputs.ts';
import type { CommandName } from './spec.ts';
import { Refusal } from './usage-error.ts';

/** What was asked for of manifests. */
export interface ManifestInput {
  readonly filenames: readonly string[];
  /** They stand for a cluster, and none is connected to. */
  readonly offline: boolean;
  /** Of `render`: one file per copy goes there. */
  readonly outputDir?: string;
  readonly includeSecrets: boolean;
}

/** Reads the options about manifests. */
export function manifestInput(inputs: Inputs): ManifestInput {
  const outputDir = inputs.one('output-dir', parseText);
  return {
    filenames: inputs.all(['filename'], parseText),
    offline: inputs.flag('offline')?.on ?? false,
    ...(outputDir !== undefined && { outputDir }),
    includeSecrets: inputs.flag('include-secrets')?.on ?? false,
  };
}

const CONNECTING = ['kubeconfig', 'context', 'as', 'as-group', 'request-timeout'];

interface Asked {
  readonly command: CommandName;
  readonly manifests: ManifestInput;
  readonly dryRun: boolean;
  readonly rehearse: boolean;
}

/** Manifests are looked at and not applied, and without a cluster nothing about one can be meant. */
export function refuseManifests({ command, manifests, dryRun, rehearse }: Asked, inputs: Inputs): void {
  const { filenames, offline } = manifests;
  const given = filenames.length > 0;
  if (command === 'render' && !given)
    throw new Refusal('render needs --filename: the manifests with the sources');
  if (offline && !given)
    throw new Refusal('--offline needs --filename: without a cluster the manifests are all there is');
  const connecting = CONNECTING.find((name) => inputs.isOnCommandLine(name));
  if (offline && connecting !== undefined)
    throw new Refusal(`--offline and --${connecting} contradict each other: no cluster is connected to`);
  if (command !== 'reconcile' || !given) return;
  if (!dryRun)
    throw new Refusal(
      '--filename needs --dry-run: it shows what manifests would bring about, kubectl applies them',
    );
  if (rehearse)
    throw new Refusal(
      '--filename and --dry-run=server contradict each other: the API server does not know what is in manifests only',
    );
}
