{{/* Combinations of values that no schema can refuse. */}}
{{- define "kubed-sync.check" -}}
{{- $sources := (include "kubed-sync.sources" . | fromJson).names -}}
{{- if not (or .Values.secrets.enabled .Values.configMaps.enabled) -}}
{{- fail "secrets.enabled and configMaps.enabled are both false: nothing would be left to copy" -}}
{{- end -}}
{{- if and (eq .Values.config.onConflict "adopt") (not $sources) -}}
{{- fail "config.onConflict adopt needs config.sourceNamespaces: without it anyone who may annotate an object could take over objects everywhere" -}}
{{- end -}}
{{- if .Values.rbac.namespaces -}}
{{- range $sources -}}
{{- if not (has . $.Values.rbac.namespaces) -}}
{{- fail (printf "namespace %q may hold sources but is not in rbac.namespaces: its objects could not be read" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $job := dict "job" .Values.job "verify" .Values.verify -}}
{{- if and $job.activeDeadlineSeconds $job.timeoutSeconds -}}
{{- $needed := add $job.timeoutSeconds $.Values.terminationGracePeriodSeconds -}}
{{- if le (int64 $job.activeDeadlineSeconds) (int64 $needed) -}}
{{- fail (printf "%s.activeDeadlineSeconds must be more than %s.timeoutSeconds and terminationGracePeriodSeconds together (%d): else Kubernetes kills the program before it can report" $name $name (int64 $needed)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What a run of several pods asks of the cluster and of names. A pod's hostname is the Job's name, which ends in 8 digits of time, and its index. */}}
{{- define "kubed-sync.checkShards" -}}
{{- $shards := int64 .Values.shards -}}
{{- if gt $shards 1 -}}
{{- if semverCompare "<1.29.0-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf "shards needs Kubernetes 1.29 or newer, and this is %s: before that the first shard that fails ends all others" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $room := int (sub 46 (len (sub $shards 1 | toString))) -}}
{{- if gt (len (include "kubed-sync.fullname" .)) $room -}}
{{- fail (printf "%s is too long a name for %d shards: set fullnameOverride to one of at most %d characters" (include "kubed-sync.fullname" .) $shards $room) -}}
{{- end -}}
{{- end -}}
{{- end }}
