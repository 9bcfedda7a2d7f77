import {
  ALLOW_CHOICES,
  CLUSTER_CHOICES,
  parseClusterUid,
  parseClusters,
  parseContextGlob,
  parseRemoteAllow,
} from './context-values.ts';
import { cluster, others } from './option-groups.ts';
import { parseRequestTimeout, parseText } from './values.ts';

/** The options that say which clusters a command connects to. They come first in the help. */
export const CLUSTER_OPTIONS = {
  kubeconfig: cluster.one(
    'FILE',
    parseText,
    'kubeconfig (default: KUBECONFIG, then ~/.kube/config, then the service account of the pod)',
    { choices: 'files' },
  ),
  context: cluster.one('NAME', parseText, 'context of the kubeconfig', { choices: 'contexts' }),
  as: cluster.one('USER', parseText, 'user to impersonate'),
  'as-group': cluster.many('GROUP', parseText, 'group to impersonate (repeatable)'),
  'request-timeout': cluster.one(
    'D',
    parseRequestTimeout,
    'time that one request may take, 0 for no limit (default: 60s)',
  ),
  'remote-kubeconfig': others.many(
    'PATH',
    parseText,
    'kubeconfig of other clusters, a file or a directory of files: copies go to the contexts that sources name (repeatable)',
    { formerly: 'kubeconfig-file', choices: 'files' },
  ),
  'remote-context': others.many(
    'GLOB',
    parseContextGlob,
    'contexts of --remote-kubeconfig to serve (repeatable; default: all)',
  ),
  clusters: others.one('WHICH', parseClusters, 'clusters to serve: all, home or remote (default: all)', {
    choices: CLUSTER_CHOICES,
  }),
  'remote-allow': others.many(
    'WHAT',
    parseRemoteAllow,
    'what --remote-kubeconfig may also hold: exec (it runs programs) or insecure (it does not check servers) (repeatable)',
    { choices: ALLOW_CHOICES },
  ),
  'former-cluster-uid': others.many(
    'UID',
    parseClusterUid,
    'uid of kube-system of a lost home cluster: its copies in other clusters are taken over, and purged by purge (repeatable)',
  ),
};
