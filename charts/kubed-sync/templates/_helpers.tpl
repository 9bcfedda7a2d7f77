{{/* The name of the chart in labels. */}}
{{- define "kubed-sync.name" -}}
{{- include "kubed-sync.cut" (default .Chart.Name .Values.nameOverride) -}}
{{- end }}

{{/* The name of all objects of the chart: at most 45 characters, because a CronJob may have 52 and some get "-verify" or "-remote" appended. */}}
{{- define "kubed-sync.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- include "kubed-sync.cut" (default $full .Values.fullnameOverride) -}}
{{- end }}

{{/* The first 45 characters of a name, without a "-" or "." at the end, where a name must not have one. */}}
{{- define "kubed-sync.cut" -}}
{{- trunc 45 . | regexFind "^.*[^-.]" -}}
{{- end }}

{{/* The Secret with the kubeconfig of other clusters. */}}
{{- define "kubed-sync.kubeconfigSecret" -}}
{{- $config := (include "kubed-sync.values" . | fromJson).config -}}
{{- default (printf "%s-kubeconfig" (include "kubed-sync.fullname" .)) $config.kubeconfigSecret.name -}}
{{- end }}

{{/* The service account of the pods. */}}
{{- define "kubed-sync.serviceAccountName" -}}
{{- $account := (include "kubed-sync.values" . | fromJson).serviceAccount -}}
{{- default (include "kubed-sync.fullname" .) $account.name -}}
{{- end }}

{{/* Labels: call with a list of the root and a dict of more labels. The chart's own labels win, then these, then commonLabels. */}}
{{- define "kubed-sync.labels" -}}
{{- $root := index . 0 -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/name" (include "kubed-sync.name" $root)
  "app.kubernetes.io/instance" $root.Release.Name
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "app.kubernetes.io/managed-by" $root.Release.Service
-}}
{{- toYaml (merge $own (index . 1) (include "kubed-sync.common" $root.Values.commonLabels | fromJson)) -}}
{{- end }}

{{/* Labels and annotations: call with a list of the root, a dict of more labels and a dict of annotations. */}}
{{- define "kubed-sync.metadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "kubed-sync.labels" (list $root (index . 1)) | nindent 2 }}
{{- with merge (dict) (index . 2) (include "kubed-sync.common" $root.Values.commonAnnotations | fromJson) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* commonLabels or commonAnnotations as JSON, without nulls. */}}
{{- define "kubed-sync.common" -}}
{{- include "kubed-sync.compact" (list . false) -}}
{{- end }}

{{/*
The deadlines of a pod that makes runs for a minute, as JSON: call with the values of job. The program makes its last run 50
seconds after its start. It ends before the next pod starts, also if the pod needs 8 seconds to start.
*/}}
{{- define "kubed-sync.minuteDeadlines" -}}
{{- $timeout := min 51 (default 51 .timeoutSeconds | int64) -}}
{{- $deadline := min 59 (default 59 .activeDeadlineSeconds | int64) -}}
{{- dict "timeoutSeconds" $timeout "activeDeadlineSeconds" $deadline | toJson -}}
{{- end }}

{{/* The image, by digest or by tag. */}}
{{- define "kubed-sync.image" -}}
{{- $image := (include "kubed-sync.values" . | fromJson).image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end }}
