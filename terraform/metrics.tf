# Metrics made of log lines; the dashboard shows them.
locals {
  log_of = {
    for function, name in local.names :
    function => "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${name}\""
  }

  distributions = {
    added = {
      description = "Songs that a run added to an archive."
      filter      = "${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\" AND jsonPayload.added>0"
      field       = "jsonPayload.added"
    }
    due = {
      description = "Users that a message was sent for."
      filter      = "${local.log_of.fanout} AND jsonPayload.message=\"fanned out\""
      field       = "jsonPayload.due"
    }
    overdue = {
      description = "Users among them who missed an earlier week too."
      filter      = "${local.log_of.fanout} AND jsonPayload.message=\"fanned out\""
      field       = "jsonPayload.overdue"
    }
  }
}

resource "google_logging_metric" "runs" {
  name        = "${local.name}/runs"
  description = "Runs of ArchiveUser by outcome and source."
  filter      = "${local.log_of.archiveuser} AND jsonPayload.message=\"archived user\""

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
    source  = "EXTRACT(jsonPayload.source)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "outcome"
      description = "How the run ended, such as saved."
    }
    labels {
      key         = "source"
      description = "Where the songs came from, such as discover."
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  name            = "${local.name}/${each.key}"
  description     = each.value.description
  filter          = each.value.filter
  value_extractor = "EXTRACT(${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "1"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 20
      growth_factor      = 2
      scale              = 1
    }
  }

  depends_on = [google_project_service.this]
}
