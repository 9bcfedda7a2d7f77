import type { Grant } from './apiserver.ts';
import type { TestCluster } from './cluster.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** A user with these rules, which are deleted after the test. */
export async function grantUser(
  cluster: TestCluster,
  rules: readonly Grant[],
): Promise<{ name: string } & AsyncDisposable> {
  const name = `${cluster.prefix}-robot`;
  if (cluster.simulated !== undefined) {
    cluster.simulated.grant(name, rules);
    return { name, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  await cluster.must('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules });
  await cluster.must('POST', `${RBAC}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  });
  const remove = async (): Promise<void> => {
    for (const kind of ['clusterrolebindings', 'clusterroles'])
      await cluster.send('DELETE', `${RBAC}/${kind}/${name}`);
  };
  return { name, [Symbol.asyncDispose]: remove };
}
