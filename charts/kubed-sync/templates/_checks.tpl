{{/* Fails for contradictory or missing values. The schema cannot check these. */}}
{{- define "kubed-sync.check" -}}
{{- $values := include "kubed-sync.values" . | fromJson -}}
{{- $sources := (include "kubed-sync.sources" . | fromJson).names -}}
{{- include "kubed-sync.checkAccount" $values.serviceAccount -}}
{{- include "kubed-sync.checkTarget" $values -}}
{{- include "kubed-sync.checkClusters" $values.config -}}
{{- if not $values.target.enabled -}}
{{- if not $values.image.repository -}}
{{- fail "image.repository is empty. Build the image, push it to your registry, and set image.repository, for example to registry.example.com/kubed-sync. See docs/install.md." -}}
{{- end -}}
{{- if not $values.cronJob.schedule -}}
{{- fail "cronJob.schedule is empty. Set a schedule, for example \"*/2 * * * *\". To pause all runs, set cronJob.suspend=true." -}}
{{- end -}}
{{- if not (or $values.secrets.enabled $values.configMaps.enabled) -}}
{{- fail "secrets.enabled and configMaps.enabled are both false, so there is nothing to copy. Set one of them to true." -}}
{{- end -}}
{{- if and $values.failOnDrift (not $values.dryRun) -}}
{{- fail "failOnDrift works only with dryRun=true: a run that writes repairs drift. Set dryRun=true, or failOnDrift=false." -}}
{{- end -}}
{{- if and (hasPrefix "adopt" (toString $values.config.onConflict)) (not $sources) -}}
{{- fail (printf "config.onConflict=%s needs config.sourceNamespaces. Without it, any user who can annotate a ConfigMap or Secret could overwrite objects in every namespace." $values.config.onConflict) -}}
{{- end -}}
{{- if $values.cronJob.every -}}
{{- include "kubed-sync.checkEvery" $values -}}
{{- end -}}
{{- include "kubed-sync.checkNamespaces" (list $values.rbac.namespaces $sources) -}}
{{- include "kubed-sync.checkTimes" $values -}}
{{- include "kubed-sync.checkShards" . -}}
{{- end -}}
{{- end }}

{{/* Fails for contradictory values about other clusters: call with the values of config. */}}
{{- define "kubed-sync.checkClusters" -}}
{{- if and .kubeconfigContent .kubeconfigSecret.name -}}
{{- fail "config.kubeconfigContent and config.kubeconfigSecret.name are both set. Set one of them: the chart mounts one Secret." -}}
{{- end -}}
{{- if and .kubeconfigSecret.key (not .kubeconfigSecret.name) -}}
{{- fail "config.kubeconfigSecret.key is set and config.kubeconfigSecret.name is empty. Set the name of the Secret." -}}
{{- end -}}
{{- if not (or .kubeconfigContent .kubeconfigSecret.name) -}}
{{- range $name := list "remoteContexts" "remoteAllow" "formerClusterUids" -}}
{{- if index $ $name -}}
{{- fail (printf "config.%s is about the kubeconfig of other clusters. Set config.kubeconfigSecret.name or config.kubeconfigContent." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails for contradictory values about the account for another cluster: call with the values. */}}
{{- define "kubed-sync.checkTarget" -}}
{{- if .target.enabled -}}
{{- if and .target.clusterWide .target.namespaces -}}
{{- fail "target.clusterWide and target.namespaces are both set. Set one of them: the account may write to all namespaces, or to these." -}}
{{- end -}}
{{- if not (or .target.clusterWide .target.namespaces) -}}
{{- fail "target.namespaces is empty. Name the namespaces that get copies, or set target.clusterWide=true for all of them." -}}
{{- end -}}
{{- if or .config.kubeconfigContent .config.kubeconfigSecret.name -}}
{{- fail "target.enabled renders only the account for another cluster, so no run uses the kubeconfig. Use two releases, or remove config.kubeconfigContent and config.kubeconfigSecret." -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails for what does not go with several runs in a pod: call with the values. */}}
{{- define "kubed-sync.checkEvery" -}}
{{- $deadlines := include "kubed-sync.minuteDeadlines" .job | fromJson -}}
{{- if ne .cronJob.concurrencyPolicy "Forbid" -}}
{{- fail (printf "cronJob.every needs cronJob.concurrencyPolicy=Forbid, and it is %s. Otherwise the runs of two pods would overlap." .cronJob.concurrencyPolicy) -}}
{{- end -}}
{{- if ne .config.output "text" -}}
{{- fail (printf "cronJob.every and config.output=%s contradict each other: a document is about one run. Set config.output=text, or config.logFormat=json." .config.output) -}}
{{- end -}}
{{- if le (int64 $deadlines.activeDeadlineSeconds) (int64 $deadlines.timeoutSeconds) -}}
{{- fail (printf "job.activeDeadlineSeconds must be more than job.timeoutSeconds, which is %d with cronJob.every. Otherwise Kubernetes ends each pod." (int64 $deadlines.timeoutSeconds)) -}}
{{- end -}}
{{- end }}

{{/* Fails if the roles would be bound to an account that other pods use too. */}}
{{- define "kubed-sync.checkAccount" -}}
{{- if not (or .create .name) -}}
{{- fail "serviceAccount.create is false and serviceAccount.name is empty. Set serviceAccount.name to an existing service account." -}}
{{- end -}}
{{- if eq (toString .name) "default" -}}
{{- fail "serviceAccount.name must not be default: every pod of the namespace could then read all Secrets. Choose another service account." -}}
{{- end -}}
{{- end }}

{{/* Fails if a namespace of sources cannot be read: call with a list of the namespaces with a Role and those of sources. */}}
{{- define "kubed-sync.checkNamespaces" -}}
{{- $readable := index . 0 -}}
{{- range index . 1 -}}
{{- if and $readable (not (has . $readable)) -}}
{{- fail (printf "Namespace %q is a source namespace but is missing in rbac.namespaces. Add it there, or its sources cannot be read." .) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
Fails for deadlines that end a Job before the program can report, or before it can start. With cronJob.every, those of job have to
fit into a minute instead: kubed-sync.checkEvery.
*/}}
{{- define "kubed-sync.checkTimes" -}}
{{- $grace := ternary (int64 .terminationGracePeriodSeconds) 30 (hasKey . "terminationGracePeriodSeconds") -}}
{{- $jobs := dict "job" .job "verify" .verify "remote" .remote -}}
{{- range $name, $job := ternary (omit $jobs "job") $jobs (not (empty .cronJob.every)) -}}
{{- if and $job.activeDeadlineSeconds $job.timeoutSeconds -}}
{{- $needed := add (int64 $job.timeoutSeconds) $grace -}}
{{- if le (int64 $job.activeDeadlineSeconds) $needed -}}
{{- fail (printf "%s.activeDeadlineSeconds must be more than %s.timeoutSeconds plus terminationGracePeriodSeconds (%d). Otherwise Kubernetes ends the pod before it can report." $name $name $needed) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .cronJob.startingDeadlineSeconds -}}
{{- if lt (int64 .) 10 -}}
{{- fail (printf "cronJob.startingDeadlineSeconds is %d. It must be 0 (no limit) or at least 10: Kubernetes checks every 10 seconds, so a shorter limit may never start a Job." (int64 .)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails if several shards cannot run. A pod's hostname is the Job's name, which ends in 8 digits of time, and its index. */}}
{{- define "kubed-sync.checkShards" -}}
{{- $shards := int64 (default 1 .Values.shards) -}}
{{- if gt $shards 1 -}}
{{- if semverCompare "<1.29.0-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf "shards=%d needs Kubernetes 1.29 or newer, and this is %s. Older versions end all shards when one fails." $shards .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $room := int (sub 46 (len (sub $shards 1 | toString))) -}}
{{- if gt (len (include "kubed-sync.fullname" .)) $room -}}
{{- fail (printf "The name %s is too long for %d shards. Set fullnameOverride to a name of at most %d characters." (include "kubed-sync.fullname" .) $shards $room) -}}
{{- end -}}
{{- end -}}
{{- end }}
