{{- define "kubevouch.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "kubevouch.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "kubevouch.claim" -}}
{{- if .Values.persistence.existingClaim -}}{{ .Values.persistence.existingClaim }}
{{- else if eq (include "kubevouch.fullname" .) "kubevouch" -}}reports
{{- else -}}{{ include "kubevouch.fullname" . }}-reports{{- end -}}
{{- end -}}

{{- define "kubevouch.image" -}}
{{- if .Values.image.digest -}}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}{{ .Values.image.repository }}:{{ required "name image.digest, or at least image.tag" .Values.image.tag }}{{- end -}}
{{- end -}}
