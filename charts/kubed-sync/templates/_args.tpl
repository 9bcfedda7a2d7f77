{{/*
The arguments of a scheduled run: call with a list of the root and its schedule. A schedule has the options of its own, its
deadlines (job), the number of its pods (shards), and which clusters it serves: "home", "remote" or "all".
*/}}
{{- define "kubed-sync.args" -}}
{{- $values := include "kubed-sync.values" (index . 0) | fromJson -}}
{{- $schedule := index . 1 -}}
- reconcile
{{- range $schedule.options }}
- {{ . }}
{{- end }}
{{- if gt (int64 $schedule.shards) 1 }}
- --shard=auto/{{ $schedule.shards }}
{{- end }}
{{- if $values.dryRun }}
- --dry-run
{{- if $values.failOnDrift }}
- --exit-code
{{- end }}
{{- end }}
{{- include "kubed-sync.scope" (index . 0) }}
{{- include "kubed-sync.clusters" (list (index . 0) $schedule.clusters) }}
{{- include "kubed-sync.publish" (list $values $schedule) }}
{{- with $schedule.job.timeoutSeconds }}
- --timeout={{ int64 . }}s
{{- end }}
{{- range $values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* The options that limit what a run reads and writes. Every run of a release has the same ones. */}}
{{- define "kubed-sync.scope" -}}
{{- $values := include "kubed-sync.values" . | fromJson -}}
{{- $config := $values.config -}}
{{- with $config.clusterName }}
- --cluster-name={{ . }}
{{- end }}
{{- range $values.rbac.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- range (include "kubed-sync.sources" . | fromJson).names }}
- --source-namespace={{ . }}
{{- end }}
{{- range $config.includeNamespaces }}
- {{ printf "--include-namespace=%s" . | quote }}
{{- end }}
{{- range $config.excludeNamespaces }}
- {{ printf "--exclude-namespace=%s" . | quote }}
{{- end }}
{{- if not $values.secrets.enabled }}
- --kind=configmap
{{- else if not $values.configMaps.enabled }}
- --kind=secret
{{- end }}
{{- if $config.requireConsent }}
- --require-consent
{{- end }}
{{- if not $config.prune }}
- --no-prune
{{- end }}
{{- with include "kubed-sync.maxPrune" $config }}
- --max-prune={{ . }}
{{- end }}
{{- with $config.pruneAfter }}
- --prune-after={{ . }}
{{- end }}
{{- if $config.pruneLegacy }}
- --prune-legacy
{{- end }}
{{- if ne $config.onConflict "fail" }}
- --on-conflict={{ $config.onConflict }}
{{- end }}
{{- range $config.strip }}
- {{ printf "--strip=%s" . | quote }}
{{- end }}
{{- with $config.concurrency }}
- --concurrency={{ int64 . }}
{{- end }}
{{- with $config.requestTimeout }}
- --request-timeout={{ . }}
{{- end }}
{{- if ne $config.output "text" }}
- --output={{ $config.output }}
{{- end }}
{{- if ne $config.logFormat "text" }}
- --log-format={{ $config.logFormat }}
{{- end }}
{{- if $config.verbose }}
- --verbose
{{- end }}
{{- end }}

{{/*
The options about other clusters: call with a list of the root and which clusters to serve. Without a kubeconfig there are none.
*/}}
{{- define "kubed-sync.clusters" -}}
{{- $config := (include "kubed-sync.values" (index . 0) | fromJson).config -}}
{{- with include "kubed-sync.remoteKubeconfig" (index . 0) }}
{{- if ne (index $ 1) "all" }}
- --clusters={{ index $ 1 }}
{{- end }}
{{- if ne (index $ 1) "home" }}
- --remote-kubeconfig={{ . }}
{{- range $config.remoteContexts }}
- {{ printf "--remote-context=%s" . | quote }}
{{- end }}
{{- range $config.remoteAllow }}
- --remote-allow={{ . }}
{{- end }}
{{- range $config.formerClusterUids }}
- --former-cluster-uid={{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The path of the remote kubeconfig in the pods. Nothing if there is none. */}}
{{- define "kubed-sync.remoteKubeconfig" -}}
{{- $config := (include "kubed-sync.values" . | fromJson).config -}}
{{- $folder := "/etc/kubed-sync/clusters" -}}
{{- if $config.kubeconfigContent -}}
{{ $folder }}/kubeconfig
{{- else if $config.kubeconfigSecret.name -}}
{{ $folder }}{{ with $config.kubeconfigSecret.key }}/{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{/* The namespaces that may hold sources, as a JSON list under `names`. */}}
{{- define "kubed-sync.sources" -}}
{{- $config := (include "kubed-sync.values" . | fromJson).config -}}
{{- dict "names" (concat (list $config.configSourceNamespace) $config.sourceNamespaces | compact | uniq) | toJson -}}
{{- end }}

{{/* The limit on deletes as text: nothing if there is no limit, and "0" for a limit of 0. Call with the values of config. */}}
{{- define "kubed-sync.maxPrune" -}}
{{- if kindIs "string" .maxPrune }}{{ .maxPrune }}{{ else if hasKey . "maxPrune" }}{{ int64 .maxPrune }}{{ end -}}
{{- end }}

{{/*
The options for Events and metrics: call with a list of the values and the schedule. Each schedule and each shard has its
own metrics file, because a run replaces the whole file.
*/}}
{{- define "kubed-sync.publish" -}}
{{- $values := index . 0 -}}
{{- if and $values.events.enabled (not $values.dryRun) }}
- --events
{{- end }}
{{- $schedule := index . 1 -}}
{{- $component := ternary "" (printf "-%s" $schedule.component) (eq $schedule.component "reconcile") }}
{{- $shard := ternary "-$(JOB_COMPLETION_INDEX)" "" (gt (int64 $schedule.shards) 1) }}
{{- with $values.metrics.file }}
- {{ printf "--metrics-file=%s%s%s.prom" (trimSuffix ".prom" .) $component $shard | quote }}
{{- end }}
{{- with $values.metrics.pushgateway }}
- {{ printf "--pushgateway=%s" . | quote }}
{{- end }}
{{- end }}
