# Each alert is named after its playbook in internal/docs/playbooks, which it
# carries, and links to when repository_url is set. Most look for a log line, two
# watch a metric; README.md says what they cost.
locals {
  function_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${local.name}-(archiveuser|fanout|signup)$\""

  log_alerts = {
    AppRefused = {
      title    = "Spotify refuses the app or one of its users"
      severity = "CRITICAL"
      filter   = "${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\" AND jsonPayload.outcome=(\"app\" OR \"not_allowed\" OR \"premium_lapsed\")"
    }
    BadDocument = {
      title    = "a stored user cannot be read"
      severity = "ERROR"
      filter   = "(${local.log_of.fanout} AND jsonPayload.message=\"fanned out\" AND jsonPayload.bad_documents>0) OR (${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\" AND jsonPayload.outcome=\"malformed\")"
    }
    HumanAccessedSecret = {
      title    = "somebody read the client secret"
      severity = "CRITICAL"
      filter   = "log_id(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.serviceName=\"secretmanager.googleapis.com\" AND protoPayload.methodName:\"AccessSecretVersion\" AND NOT protoPayload.authenticationInfo.principalEmail=(\"${local.emails.archiveuser}\" OR \"${local.emails.signup}\")"
    }
    HumanDecryptedValue = {
      title    = "somebody decrypted with the key"
      severity = "CRITICAL"
      filter   = "log_id(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.serviceName=\"cloudkms.googleapis.com\" AND protoPayload.methodName:\"Decrypt\" AND NOT protoPayload.authenticationInfo.principalEmail=\"${local.emails.archiveuser}\""
    }
    InternalError = {
      title    = "a function has a fault of its own"
      severity = "ERROR"
      filter   = "${local.function_logs} AND (jsonPayload.outcome=\"internal\" OR (severity>=ERROR AND (log_id(\"run.googleapis.com/varlog/system\") OR (jsonPayload.message:* AND NOT jsonPayload.message=(\"archived user\" OR \"malformed message\" OR \"mass refusal\")))))"
    }
    KeyUnusable = {
      title    = "a stored consent cannot be opened"
      severity = "CRITICAL"
      filter   = "${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\" AND jsonPayload.outcome=\"key\""
    }
    MalformedMessage = {
      title    = "a message is not one of ours"
      severity = "ERROR"
      filter   = "${local.function_logs} AND jsonPayload.message=\"malformed message\""
    }
    MassRefusal = {
      title    = "Spotify refuses many consents at once"
      severity = "ERROR"
      filter   = "${local.log_of.archiveuser} AND jsonPayload.message=\"mass refusal\""
    }
    SongsRejected = {
      title    = "Spotify refuses our appends"
      severity = "ERROR"
      filter   = "${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\" AND jsonPayload.outcome=(\"rejected\" OR \"not_writable\")"
    }
    SpotifyRateLimited = {
      title    = "Spotify asked the app to wait"
      severity = "WARNING"
      filter   = "${local.function_logs} AND jsonPayload.message=\"spotify paused\""
    }
    UserOverdue = {
      title    = "a user missed a week"
      severity = "WARNING"
      filter   = "${local.log_of.fanout} AND jsonPayload.message=\"fanned out\" AND jsonPayload.kind=\"weekly\" AND jsonPayload.overdue>0"
    }
  }

  # In PromQL, whose names of metrics are Google's with other separators
  # (https://docs.cloud.google.com/monitoring/promql/promql-mapping).
  waits  = "max(pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\",subscription_id=\"%s\"}) > ${var.waiting_hours * 3600}"
  paused = "sum(increase(logging_googleapis_com:user_${replace(local.name, "-", "_")}_runs{monitored_resource=\"cloud_run_revision\",outcome=\"paused\"}[1h])) > 0"

  query_alerts = {
    # While Spotify lets the app wait, every message that waits for that comes
    # back within ten minutes and says so; then nothing is wrong with it.
    MessageWaits = {
      title    = "a message waits for more than ${var.waiting_hours} hours"
      severity = "ERROR"
      query    = "${format(local.waits, google_pubsub_subscription.push["weekly"].name)} or (${format(local.waits, google_pubsub_subscription.push["archive"].name)} unless on() ${local.paused})"
    }
  }

  metric_alerts = {
    WeekNotArchived = {
      title     = "the weekly run did not happen, or SignUp is down"
      severity  = "CRITICAL"
      filter    = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.weekly.uptime_check_id}\""
      aligner   = "ALIGN_NEXT_OLDER"
      reducer   = "REDUCE_COUNT_FALSE"
      threshold = 1 # one of three places may have trouble of its own
      duration  = "1800s"
    }
  }

  playbooks = {
    for name in concat(keys(local.log_alerts), keys(local.metric_alerts), keys(local.query_alerts)) : name => {
      # The commands and filters of a page can be pasted as they arrive.
      text  = replace(replace(file("${local.root}/internal/docs/playbooks/${name}.md"), "PROJECT_ID", var.project_id), "REGION", var.region)
      links = var.repository_url == "" ? [] : ["${var.repository_url}/blob/main/internal/docs/playbooks/${name}.md"]
    }
  }

  channels = google_monitoring_notification_channel.email[*].id
}

resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == null ? 0 : 1

  display_name = "Weekly Archive: ${var.alert_email}"
  type         = "email"

  labels = {
    email_address = var.alert_email
  }

  depends_on = [google_project_service.this]
}

# The name of this alert until the first release.
moved {
  from = google_monitoring_alert_policy.log["RefusalWave"]
  to   = google_monitoring_alert_policy.log["MassRefusal"]
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alerts

  display_name          = "Weekly Archive: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.key

    condition_matched_log {
      filter = each.value.filter
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    content   = local.playbooks[each.key].text
    mime_type = "text/markdown"

    dynamic "links" {
      for_each = local.playbooks[each.key].links
      content {
        display_name = "Playbook ${each.key}"
        url          = links.value
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "metric" {
  for_each = local.metric_alerts

  display_name          = "Weekly Archive: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.key

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = each.value.duration

      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    content   = local.playbooks[each.key].text
    mime_type = "text/markdown"

    dynamic "links" {
      for_each = local.playbooks[each.key].links
      content {
        display_name = "Playbook ${each.key}"
        url          = links.value
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "query" {
  for_each = local.query_alerts

  display_name          = "Weekly Archive: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.key

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = "300s"
      evaluation_interval = "300s"

      # In a new project nothing was measured yet.
      disable_metric_validation = true
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    content   = local.playbooks[each.key].text
    mime_type = "text/markdown"

    dynamic "links" {
      for_each = local.playbooks[each.key].links
      content {
        display_name = "Playbook ${each.key}"
        url          = links.value
      }
    }
  }

  depends_on = [google_logging_metric.runs]
}
