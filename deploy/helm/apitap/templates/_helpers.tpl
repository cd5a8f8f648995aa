{{- define "apitap.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "apitap.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "apitap.selectorLabels" -}}
app.kubernetes.io/name: {{ include "apitap.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "apitap.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "apitap.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "apitap.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "apitap.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "apitap.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{- define "apitap.keySecret" -}}
{{- default (printf "%s-key" (include "apitap.fullname" .)) .Values.key.existingSecret -}}
{{- end -}}

{{- define "apitap.kafkaSecret" -}}
{{- if .Values.kafka.existingSecret -}}
{{- .Values.kafka.existingSecret -}}
{{- else if .Values.kafka.secret -}}
{{- printf "%s-kafka" (include "apitap.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "apitap.adminSecret" -}}
{{- default (printf "%s-admin" (include "apitap.fullname" .)) .Values.admin.existingSecret -}}
{{- end -}}

{{/* "true" when names are asked of the API server. */}}
{{- define "apitap.watches" -}}
{{- with .Values.config.kubernetes -}}{{- if .enabled -}}true{{- end -}}{{- end -}}
{{- end -}}

{{/* The configuration in force: what is given, over what follows from the other values. */}}
{{- define "apitap.config" -}}
{{- $secrets := "/var/run/secrets/apitap" -}}
{{- $config := dict "sensor" (dict "key_file" (printf "%s/key/%s" $secrets .Values.key.secretKey)) -}}
{{- $admin := dict "listen" (printf "127.0.0.1:%d" (int .Values.admin.port)) -}}
{{- if .Values.admin.expose -}}
{{- $_ := set $admin "token_file" (printf "%s/admin/token" $secrets) -}}
{{- if .Values.admin.tlsSecret -}}
{{- $_ := set $admin "certificate_file" (printf "%s/admin-tls/tls.crt" $secrets) -}}
{{- $_ := set $admin "key_file" (printf "%s/admin-tls/tls.key" $secrets) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "admin" $admin -}}
{{- $own := default dict .Values.config.admin -}}
{{- if and (hasKey $own "listen") (not (hasSuffix (printf ":%d" (int .Values.admin.port)) (toString $own.listen))) -}}
{{- fail "apitap: config.admin.listen must be at admin.port, where the kubelet's probes ask" -}}
{{- end -}}
{{- if and (ne .Values.spool.type "none") (hasKey (default dict .Values.config.output) "kafka") -}}
{{- $spool := dict "directory" "/var/lib/apitap/spool" "bytes_max" (mul .Values.spool.mebibytesMax 1048576) -}}
{{- $_ := set $config "output" (dict "kafka" (dict "spool" $spool)) -}}
{{- end -}}
{{- $config = mustMergeOverwrite $config (deepCopy .Values.config) -}}
{{- include "apitap.toml.table" (dict "table" $config "path" "") -}}
{{- end -}}

{{/* TOML by hand: Helm holds numbers as floats, and its toToml writes 7 as 7.0, which is no integer. */}}
{{- define "apitap.toml.table" -}}
{{- $path := .path -}}
{{- range $key, $value := .table }}
{{- if not (or (kindIs "map" $value) (kindIs "invalid" $value)) }}
{{ include "apitap.toml.key" $key }} = {{ include "apitap.toml.value" $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $name := include "apitap.toml.key" $key }}
{{- if $path }}{{ $name = printf "%s.%s" $path $name }}{{ end }}

[{{ $name }}]
{{- include "apitap.toml.table" (dict "table" $value "path" $name) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "apitap.toml.key" -}}
{{- if regexMatch "^[A-Za-z0-9_-]+$" . }}{{ . }}{{ else }}{{ toJson . }}{{ end -}}
{{- end -}}

{{- define "apitap.toml.value" -}}
{{- if kindIs "slice" . -}}
[{{ range $at, $value := . }}{{ if $at }}, {{ end }}{{ include "apitap.toml.value" $value }}{{ end }}]
{{- else if kindIs "map" . -}}
{ {{- range $at, $key := keys . | sortAlpha }}{{ if $at }},{{ end }} {{ include "apitap.toml.key" $key }} = {{ include "apitap.toml.value" (get $ $key) }}{{ end }} }
{{- else if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- else -}}
{{ toJson . }}
{{- end -}}
{{- end -}}
