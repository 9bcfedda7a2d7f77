{{/*
The values as JSON. All templates read them from here, not from .Values. Helm leaves nulls in .Values, and keys are
missing after `helm upgrade --reuse-values` from a chart that did not have them. Here no value is null, every section
exists, and a value that the templates need has its default. Keep these defaults equal to values.yaml: a test compares.

In resources and in the two security contexts, empty text leaves out a default as null does. Helm 4.2 ignores a null in
the values.yaml of an umbrella chart.
*/}}
{{- define "kubed-sync.values" -}}
{{- $values := include "kubed-sync.compact" (list .Values false) | fromJson -}}
{{- $defaults := dict
  "config" (dict "sourceNamespaces" list "prune" true "pruneAfter" "5m" "onConflict" "fail" "output" "text" "logFormat" "text" "kubeconfigSecret" dict "remoteContexts" list "remoteAllow" list "formerClusterUids" list)
  "secrets" (dict "enabled" true)
  "configMaps" (dict "enabled" true)
  "verify" dict
  "remote" dict
  "target" (dict "enabled" false "namespaces" list "clusterWide" false "identify" true "token" true)
  "cronJob" (dict "suspend" false "concurrencyPolicy" "Forbid" "annotations" dict)
  "job" (dict "backoffLimit" 0 "annotations" dict)
  "image" (dict "pullPolicy" "IfNotPresent")
  "serviceAccount" (dict "create" true "annotations" dict)
  "rbac" (dict "create" true "namespaces" list)
  "events" dict
  "metrics" dict
  "tests" (dict "enabled" true)
  "podLabels" dict
  "podAnnotations" dict
-}}
{{- range $section, $keys := $defaults -}}
{{- $given := default dict (get $values $section) -}}
{{- range $key, $value := $keys -}}
{{- if eq (get $given $key | toString) "" -}}
{{- $_ := set $given $key $value -}}
{{- end -}}
{{- end -}}
{{- $_ := set $values $section $given -}}
{{- end -}}
{{- range list "resources" "podSecurityContext" "securityContext" -}}
{{- $_ := set $values . (include "kubed-sync.compact" (list (default dict (get $values .)) true) | fromJson) -}}
{{- end -}}
{{- toJson $values -}}
{{- end }}

{{/* A map as JSON without the keys that are null, at any depth: call with a list of the map and whether to drop empty text too. */}}
{{- define "kubed-sync.compact" -}}
{{- $emptyToo := index . 1 -}}
{{- $kept := dict -}}
{{- range $key, $value := index . 0 -}}
{{- if kindIs "map" $value -}}
{{- $_ := set $kept $key (include "kubed-sync.compact" (list $value $emptyToo) | fromJson) -}}
{{- else if not (or (kindIs "invalid" $value) (and $emptyToo (eq (toString $value) ""))) -}}
{{- $_ := set $kept $key $value -}}
{{- end -}}
{{- end -}}
{{- toJson $kept -}}
{{- end }}
