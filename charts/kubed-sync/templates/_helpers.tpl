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

{{/* The namespaces that may hold sources, as a JSON list under `names`. */}}
{{- define "kubed-sync.sources" -}}
{{- dict "names" (concat (list .Values.config.configSourceNamespace) .Values.config.sourceNamespaces | compact | uniq) | toJson -}}
{{- end }}

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

{{/* How often a failed pod is tried again. Of several shards each goes on whatever becomes of the others. */}}
{{- define "kubed-sync.completion" -}}
{{- $shards := int64 .Values.shards -}}
{{- if gt $shards 1 -}}
completionMode: Indexed
completions: {{ $shards }}
parallelism: {{ $shards }}
backoffLimitPerIndex: {{ int64 .Values.job.backoffLimit }}
{{- else -}}
backoffLimit: {{ int64 .Values.job.backoffLimit }}
{{- end -}}
{{- end }}

{{/* The limit on deletes as text; empty is none, and 0 is a limit. */}}
{{- define "kubed-sync.limited" -}}
{{- $limit := .Values.config.maxPrune -}}
{{- if kindIs "string" $limit }}{{ $limit }}{{ else if not (kindIs "invalid" $limit) }}{{ int64 $limit }}{{ end -}}
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

{{/* The spec of a pod that runs the program: call with a list of the root and the arguments as YAML. */}}
{{- define "kubed-sync.podSpec" -}}
{{- $root := index . 0 -}}
{{- with $root.Values -}}
serviceAccountName: {{ include "kubed-sync.serviceAccountName" $root | quote }}
automountServiceAccountToken: true
enableServiceLinks: false
restartPolicy: Never
terminationGracePeriodSeconds: {{ int64 .terminationGracePeriodSeconds }}
{{- with .imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: kubed-sync
    image: {{ include "kubed-sync.image" $root | quote }}
    imagePullPolicy: {{ default .image.pullPolicy .imagePullPolicy }}
    args:
      {{- index $ 1 | nindent 6 }}
    env:
      - name: KUBED_SYNC_TERMINATION_MESSAGE
        value: /dev/termination-log
      {{- with .extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .envFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .securityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: FallbackToLogsOnError
    {{- with .extraVolumeMounts }}
    volumeMounts:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- with .extraVolumes }}
volumes:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* A CronJob: call with a dict of root, component, name, schedule, job (its deadlines) and options (that it has besides). */}}
{{- define "kubed-sync.cronJob" -}}
{{- $root := .root -}}
{{- $component := dict "app.kubernetes.io/component" .component -}}
{{- $cron := $root.Values.cronJob -}}
{{- $job := $root.Values.job -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ .name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- include "kubed-sync.metadata" (list $root $component $cron.annotations) | nindent 2 }}
spec:
  schedule: {{ .schedule | quote }}
  {{- with $cron.timeZone }}
  timeZone: {{ . | quote }}
  {{- end }}
  suspend: {{ $cron.suspend }}
  concurrencyPolicy: {{ $cron.concurrencyPolicy }}
  {{- with $cron.startingDeadlineSeconds }}
  startingDeadlineSeconds: {{ int64 . }}
  {{- end }}
  successfulJobsHistoryLimit: {{ int64 $cron.successfulJobsHistoryLimit }}
  failedJobsHistoryLimit: {{ int64 $cron.failedJobsHistoryLimit }}
  jobTemplate:
    metadata:
      {{- include "kubed-sync.metadata" (list $root $component $job.annotations) | nindent 6 }}
    spec:
      {{- include "kubed-sync.completion" $root | nindent 6 }}
      {{- with .job.activeDeadlineSeconds }}
      activeDeadlineSeconds: {{ int64 . }}
      {{- end }}
      {{- if not (kindIs "invalid" $job.ttlSecondsAfterFinished) }}
      ttlSecondsAfterFinished: {{ int64 $job.ttlSecondsAfterFinished }}
      {{- end }}
      {{- with $job.podFailurePolicy }}
      podFailurePolicy:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      template:
        metadata:
          {{- include "kubed-sync.metadata" (list $root (merge (dict) $component $root.Values.podLabels) $root.Values.podAnnotations) | nindent 10 }}
        spec:
          {{- $args := include "kubed-sync.args" (list $root .job .options) }}
          {{- include "kubed-sync.podSpec" (list $root $args) | nindent 10 }}
{{- end }}
