{{/* The arguments of a scheduled run: call with a list of the root, the job's values, and the options that it has besides. */}}
{{- define "kubed-sync.args" -}}
{{- $root := index . 0 -}}
{{- $job := index . 1 -}}
- reconcile
{{- range index . 2 }}
- {{ . }}
{{- end }}
{{- if gt (int64 $root.Values.shards) 1 }}
- --shard=auto/{{ int64 $root.Values.shards }}
{{- end }}
{{- if $root.Values.dryRun }}
- --dry-run
{{- if $root.Values.failOnDrift }}
- --exit-code
{{- end }}
{{- end }}
{{- include "kubed-sync.scope" $root }}
{{- include "kubed-sync.publish" (list $root (index . 2)) }}
{{- with $job.timeoutSeconds }}
- --timeout={{ int64 . }}s
{{- end }}
{{- range $root.Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* The options that say what is looked at and what may be done: the same for every run. */}}
{{- define "kubed-sync.scope" -}}
{{- $config := .Values.config -}}
{{- with $config.clusterName }}
- --cluster-name={{ . }}
{{- end }}
{{- range .Values.rbac.namespaces }}
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
{{- if not .Values.secrets.enabled }}
- --kind=configmap
{{- else if not .Values.configMaps.enabled }}
- --kind=secret
{{- end }}
{{- if not $config.prune }}
- --no-prune
{{- end }}
{{- if include "kubed-sync.limited" . }}
- --max-prune={{ include "kubed-sync.limited" . }}
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

{{/* The namespaces that may hold sources, as a JSON list under `names`. */}}
{{- define "kubed-sync.sources" -}}
{{- dict "names" (concat (list .Values.config.configSourceNamespace) .Values.config.sourceNamespaces | compact | uniq) | toJson -}}
{{- end }}

{{/* The limit on deletes as text; empty is none, and 0 is a limit. */}}
{{- define "kubed-sync.limited" -}}
{{- $limit := .Values.config.maxPrune -}}
{{- if kindIs "string" $limit }}{{ $limit }}{{ else if not (kindIs "invalid" $limit) }}{{ int64 $limit }}{{ end -}}
{{- end }}

{{/* What a scheduled run leaves behind: call with a list of the root and the options that the run has besides. Each schedule has a file of its own, since a run replaces it. */}}
{{- define "kubed-sync.publish" -}}
{{- $values := (index . 0).Values -}}
{{- if and $values.events.enabled (not $values.dryRun) }}
- --events
{{- end }}
{{- with $values.metrics.file }}
- {{ printf "--metrics-file=%s%s.prom" (trimSuffix ".prom" .) (print (ternary "-verify" "" (has "--verify" (index $ 1))) (ternary "-$(JOB_COMPLETION_INDEX)" "" (gt (int $values.shards) 1))) | quote }}
{{- end }}
{{- with $values.metrics.pushgateway }}
- {{ printf "--pushgateway=%s" . | quote }}
{{- end }}
{{- end }}
