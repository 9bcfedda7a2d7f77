#!/bin/sh
# From reflector to kubed-sync. Nothing was written. Read this, then run it
# step by step.
# Cluster prod (context admin@prod, https://10.0.0.1:6443) at 2026-01-01
# 12:00:00 UTC.
set -eu

# 1. Scale reflector to 0. While it runs, reflector deletes its mirrors as
# soon as an annotation of their source is gone, and writes the others again.
# Write its namespace and name instead of NAMESPACE and reflector. This finds
# them:
#   kubectl get deployments --all-namespaces -l app.kubernetes.io/name=reflector
# If its chart has cron.enabled, suspend its CronJob instead.
kubectl scale deployment --namespace NAMESPACE reflector --replicas 0

# 2. Turn the annotations of 3 sources. If they come from Git, change them
# there: otherwise the old ones come back.
kubectl annotate configmap --namespace platform omni \
  kubed.appscode.com/sync= \
  reflector.v1.k8s.emberstack.com/reflection-allowed- \
  reflector.v1.k8s.emberstack.com/reflection-auto-enabled-
kubectl annotate secret --namespace shared registry.credentials \
  'kubed.appscode.com/sync=kubernetes.io/metadata.name in (team-a,team-b),env=prod' \
  reflector.v1.k8s.emberstack.com/reflection-allowed- \
  reflector.v1.k8s.emberstack.com/reflection-auto-namespaces-
kubectl annotate secret --namespace shared tls \
  kubed.appscode.com/sync= \
  'kubed.appscode.com/sync-namespaces=team-*' \
  reflector.v1.k8s.emberstack.com/reflection-auto-namespaces-

# 3. Not turned: 9 objects. They keep their annotations, and get no copies
# from kubed-sync.
# - Secret platform/left-0: other objects pull from it. kubed-sync only
#   pushes: annotate it with kubed.appscode.com/sync yourself
# - Secret platform/left-1: it does not allow mirrors
# - Secret platform/left-2: it has the annotation kubed.appscode.com/sync
#   already. Remove the annotations of the other tool
# - Secret platform/left-3: it is a mirror itself, and a copy of kubed-sync is
#   not a source. Let its source select these namespaces too
# - Secret platform/left-4: "team-[0-9]+" in
#   reflector.v1.k8s.emberstack.com/reflection-auto-namespaces is a regular
#   expression without an exact counterpart
# - Secret platform/left-5: a namespace must match
#   reflector.v1.k8s.emberstack.com/reflection-auto-namespaces or
#   reflector.v1.k8s.emberstack.com/reflection-auto-namespaces-selector. In
#   kubed-sync it must match all
# - Secret platform/left-6: a namespace must match a pattern of
#   reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces and one of
#   reflector.v1.k8s.emberstack.com/reflection-auto-namespaces
# - Secret platform/left-7:
#   reflector.v1.k8s.emberstack.com/reflection-auto-namespaces-selector is not
#   a valid selector, or has another meaning in kubed-sync: "a in ("
# - Secret platform/left-8: it selects no namespace

# 4. Names that collide: 30 objects have the name of a copy, and no complete
# marks of its source. kubed-sync reports a conflict, and changes nothing
# there. Rename them, or keep them.
# - ConfigMap other-0/omni (platform/omni)
# - ConfigMap other-1/omni (platform/omni)
# - ConfigMap other-2/omni (platform/omni)
# - ConfigMap other-3/omni (platform/omni)
# - ConfigMap other-4/omni (platform/omni)
# - ConfigMap other-5/omni (platform/omni)
# - ConfigMap other-6/omni (platform/omni)
# - ConfigMap other-7/omni (platform/omni)
# - ConfigMap other-8/omni (platform/omni)
# - ConfigMap other-9/omni (platform/omni)
# - ConfigMap other-10/omni (platform/omni)
# - ConfigMap other-11/omni (platform/omni)
# - ConfigMap other-12/omni (platform/omni)
# - ConfigMap other-13/omni (platform/omni)
# - ConfigMap other-14/omni (platform/omni)
# - ConfigMap other-15/omni (platform/omni)
# - ConfigMap other-16/omni (platform/omni)
# - ConfigMap other-17/omni (platform/omni)
# - ConfigMap other-18/omni (platform/omni)
# - ConfigMap other-19/omni (platform/omni)
# - ConfigMap other-20/omni (platform/omni)
# - ConfigMap other-21/omni (platform/omni)
# - ConfigMap other-22/omni (platform/omni)
# - ConfigMap other-23/omni (platform/omni)
# - ConfigMap other-24/omni (platform/omni)
# - ConfigMap other-25/omni (platform/omni)
# - ConfigMap other-26/omni (platform/omni)
# - ConfigMap other-27/omni (platform/omni)
# - ConfigMap other-28/omni (platform/omni)
# - ConfigMap other-29/omni (platform/omni)

# 5. Look, then take over 2 mirrors. Only complete mirrors of these sources
# are taken over. They lose the marks of reflector and get ours.
# - ConfigMap team-a/omni (platform/omni)
# - ConfigMap team-b/omni (platform/omni)
kubed-sync reconcile \
  --dry-run \
  --on-conflict adopt-mirrors \
  --source-namespace platform \
  --source-namespace shared
# kubed-sync reconcile \
#   --on-conflict adopt-mirrors \
#   --source-namespace platform \
#   --source-namespace shared

# 6. 1 mirror of reflector that no source of kubed-sync asks for: from now on
# ordinary objects.
# - ConfigMap lost/lost (platform/lost)

# 7. From now on, run kubed-sync without --on-conflict. Uninstall reflector
# when everything works.
