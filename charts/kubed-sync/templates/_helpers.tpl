{{/* The name of the chart in labels. */}}
{{- define "kubed-sync.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 45 | trimSuffix "-" -}}
{{- end }}

{{/* The name of everything that the chart makes. A CronJob's may have 52 characters, and "-verify" comes behind it. */}}
{{- define "kubed-sync.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 45 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The service account that runs, whether or not this chart makes it. */}}
{{- define "kubed-sync.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "kubed-sync.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* Labels: call with a list of the root and a dict of more, of which the chart's own take precedence. */}}
{{- define "kubed-sync.labels" -}}
{{- $root := index . 0 -}}
{{- $ours := dict
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/name" (include "kubed-sync.name" $root)
  "app.kubernetes.io/instance" $root.Release.Name
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "app.kubernetes.io/managed-by" $root.Release.Service
-}}
{{- toYaml (merge $ours (index . 1) $root.Values.commonLabels) -}}
{{- end }}

{{/* Labels and annotations: call with a list of the root, a dict of more labels and a dict of annotations. */}}
{{- define "kubed-sync.metadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "kubed-sync.labels" (list $root (index . 1)) | nindent 2 }}
{{- with merge (dict) (index . 2) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "kubed-sync.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end }}
