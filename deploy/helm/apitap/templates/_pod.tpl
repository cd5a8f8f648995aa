{{- define "apitap.pod" -}}
serviceAccountName: {{ include "apitap.serviceAccount" . }}
automountServiceAccountToken: {{ eq (include "apitap.watches" .) "true" }}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
# The node's interfaces; names of the cluster all the same.
hostNetwork: true
dnsPolicy: ClusterFirstWithHostNet
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  # Makes Secrets readable for the sensor, by their group.
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- if and (eq .Values.spool.type "hostPath") .Values.spool.prepare.enabled }}
initContainers:
  - name: prepare-spool
    image: {{ .Values.spool.prepare.image }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    command:
      - sh
      - -ec
      - |
        [ "$(stat -c %u /var/lib/apitap)" = 65532 ] && exit 0
        chmod 0700 /var/lib/apitap
        chown 65532:65532 /var/lib/apitap
    securityContext:
      runAsNonRoot: false
      runAsUser: 0
      runAsGroup: 0
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
        add: [CHOWN]
    resources:
      requests:
        cpu: 10m
        memory: 16Mi
      limits:
        memory: 64Mi
    volumeMounts:
      - name: spool
        mountPath: /var/lib/apitap
{{- end }}
containers:
  - name: apitap
    image: {{ include "apitap.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args: [run, --config, /etc/apitap/apitap.toml, --log-format, json]
    env:
      - name: NODE_NAME
        valueFrom:
          fieldRef:
            fieldPath: spec.nodeName
      {{- if not (dig "sensor" "id" "" .Values.config) }}
      # Read as TOML: in quotes, a node named 7 is a name as well.
      - name: APITAP_SENSOR__ID
        value: '"$(NODE_NAME)"'
      {{- end }}
      {{- if and .Values.admin.expose (not (dig "admin" "listen" "" .Values.config)) }}
      - name: HOST_IP
        valueFrom:
          fieldRef:
            fieldPath: status.hostIP
      - name: APITAP_ADMIN__LISTEN
        value: '"$(HOST_IP):{{ .Values.admin.port }}"'
      {{- end }}
      {{- with .Values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- if .Values.admin.expose }}
    ports:
      - name: admin
        containerPort: {{ .Values.admin.port }}
        hostPort: {{ .Values.admin.port }}
        protocol: TCP
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      # The binary asks for NET_RAW by its file capability: Kubernetes has no ambient capabilities.
      capabilities:
        drop: [ALL]
        add: [NET_RAW]
    {{- include "apitap.probe" (dict "kind" "startupProbe" "path" "/healthz" "failures" 30 "period" 2 "root" .) | nindent 4 }}
    {{- include "apitap.probe" (dict "kind" "livenessProbe" "path" "/healthz" "failures" 6 "period" 10 "root" .) | nindent 4 }}
    {{- include "apitap.probe" (dict "kind" "readinessProbe" "path" "/readyz" "failures" 3 "period" 10 "root" .) | nindent 4 }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      {{- include "apitap.mounts" . | nindent 6 }}
volumes:
  {{- include "apitap.volumes" . | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The kubelet asks from the node itself, so loopback will do on the host network. */}}
{{- define "apitap.probe" -}}
{{ .kind }}:
  httpGet:
    {{- if not .root.Values.admin.expose }}
    host: 127.0.0.1
    {{- end }}
    path: {{ .path }}
    port: {{ .root.Values.admin.port }}
    scheme: {{ if and .root.Values.admin.expose .root.Values.admin.tlsSecret }}HTTPS{{ else }}HTTP{{ end }}
  periodSeconds: {{ .period }}
  timeoutSeconds: 5
  failureThreshold: {{ .failures }}
{{- end -}}

{{- define "apitap.mounts" -}}
- name: config
  mountPath: /etc/apitap
  readOnly: true
- name: key
  mountPath: /var/run/secrets/apitap/key
  readOnly: true
{{- if include "apitap.kafkaSecret" . }}
- name: kafka
  mountPath: /var/run/secrets/apitap/kafka
  readOnly: true
{{- end }}
{{- if .Values.admin.expose }}
- name: admin
  mountPath: /var/run/secrets/apitap/admin
  readOnly: true
{{- if .Values.admin.tlsSecret }}
- name: admin-tls
  mountPath: /var/run/secrets/apitap/admin-tls
  readOnly: true
{{- end }}
{{- end }}
{{- if ne .Values.spool.type "none" }}
- name: spool
  mountPath: /var/lib/apitap
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "apitap.volumes" -}}
- name: config
  configMap:
    name: {{ include "apitap.fullname" . }}
- name: key
  secret:
    secretName: {{ include "apitap.keySecret" . }}
    defaultMode: 0440
{{- with include "apitap.kafkaSecret" . }}
- name: kafka
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- if .Values.admin.expose }}
- name: admin
  secret:
    secretName: {{ include "apitap.adminSecret" . }}
    defaultMode: 0440
{{- if .Values.admin.tlsSecret }}
- name: admin-tls
  secret:
    secretName: {{ .Values.admin.tlsSecret }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- if eq .Values.spool.type "hostPath" }}
- name: spool
  hostPath:
    path: {{ .Values.spool.hostPath }}
    type: DirectoryOrCreate
{{- else if eq .Values.spool.type "emptyDir" }}
- name: spool
  emptyDir:
    # Room for what is being written besides.
    sizeLimit: {{ add .Values.spool.mebibytesMax 512 }}Mi
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
