#!/bin/sh
# From replicator to kubed-sync. Nothing was written. Read this, then run it
# step by step.
set -eu

# 1. Scale replicator to 0. While it runs, replicator writes its copies again,
# and deletes the copies of a source that is deleted. Write its namespace and
# name instead of NAMESPACE and kubernetes-replicator. This finds them:
#   kubectl get deployments --all-namespaces -l app.kubernetes.io/name=kubernetes-replicator
kubectl scale deployment --namespace NAMESPACE kubernetes-replicator --replicas 0

# 2. Turn the annotations of 1 source. If they come from Git, change them
# there: otherwise the old ones come back.
# ConfigMap platform/omni had strip-labels. kubed-sync copies labels: exclude
# them with --strip.
kubectl annotate configmap --namespace platform omni \
  kubed.appscode.com/sync=env=prod \
  replicator.v1.mittwald.de/replicate-to-matching-

# 3. Names that collide: 1 object has the name of a copy, and no complete
# marks of its source. kubed-sync reports a conflict, and changes nothing
# there. Rename them, or keep them.
# - ConfigMap team-c/omni (platform/omni)

# 4. Look, then take over 1 mirror. Only complete mirrors of these sources are
# taken over. They lose the marks of replicator and get ours.
kubed-sync reconcile \
  --dry-run \
  --on-conflict adopt-mirrors \
  --source-namespace platform
# kubed-sync reconcile \
#   --on-conflict adopt-mirrors \
#   --source-namespace platform

# 5. Look, then take over 2 copies that replicator pushed. They do not say
# which source they are from, so this needs --on-conflict adopt, which takes
# any object that has the name of a copy. Read its dry run.
# - ConfigMap team-a/omni (platform/omni)
# - ConfigMap team-b/omni (platform/omni)
kubed-sync reconcile \
  --dry-run \
  --on-conflict adopt \
  --source-namespace platform \
  --exclude-namespace team-c
# kubed-sync reconcile \
#   --on-conflict adopt \
#   --source-namespace platform \
#   --exclude-namespace team-c

# 6. From now on, run kubed-sync without --on-conflict. Uninstall replicator
# when everything works.
