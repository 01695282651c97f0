locals {
  run_metric = "metric.type=\"run.googleapis.com/%s\" AND resource.type=\"cloud_run_revision\" AND resource.labels.service_name=starts_with(\"${local.name}-\")"

  # Tiles of half the width, two a row. Times are the alignment periods.
  charts = [
    {
      title  = "Runs by outcome"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\""
      period = "3600s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.labels.outcome"], type = "STACKED_BAR"
    },
    {
      title  = "Runs by source"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\""
      period = "3600s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.labels.source"], type = "STACKED_BAR"
    },
    {
      title  = "Songs added per run (mean)"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.distribution["added"].name}\" AND resource.type=\"cloud_run_revision\""
      period = "3600s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN", by = [], type = "LINE"
    },
    {
      title  = "Users sent out per message (mean)"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.distribution["due"].name}\" AND resource.type=\"cloud_run_revision\""
      period = "3600s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN", by = [], type = "LINE"
    },
    {
      title  = "Users per message who missed an earlier week (mean)"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.distribution["overdue"].name}\" AND resource.type=\"cloud_run_revision\""
      period = "3600s", aligner = "ALIGN_DELTA", reducer = "REDUCE_MEAN", by = [], type = "LINE"
    },
    {
      title  = "Requests by function and answer"
      filter = format(local.run_metric, "request_count")
      period = "300s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["resource.labels.service_name", "metric.labels.response_code_class"], type = "STACKED_BAR"
    },
    {
      title  = "Duration of requests, 95th percentile (ms)"
      filter = format(local.run_metric, "request_latencies")
      period = "300s", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = ["resource.labels.service_name"], type = "LINE"
    },
    {
      title  = "Oldest waiting message (s)"
      filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.type=\"pubsub_subscription\""
      period = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.labels.subscription_id"], type = "LINE"
    },
    {
      title  = "Waiting messages, dead letters included"
      filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.type=\"pubsub_subscription\""
      period = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.labels.subscription_id"], type = "LINE"
    },
    {
      title  = "Instances"
      filter = format(local.run_metric, "container/instance_count")
      period = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.labels.service_name"], type = "LINE"
    },
  ]

  chart_tiles = [
    for i, chart in local.charts : {
      xPos   = i % 2 * 24
      yPos   = floor(i / 2) * 16
      width  = 24
      height = 16
      widget = {
        title = chart.title
        xyChart = {
          dataSets = [{
            plotType = chart.type
            timeSeriesQuery = {
              timeSeriesFilter = {
                filter = chart.filter
                # Google leaves an empty list out of its answer, and every plan
                # would put it back.
                aggregation = merge({
                  alignmentPeriod    = chart.period
                  perSeriesAligner   = chart.aligner
                  crossSeriesReducer = chart.reducer
                }, { for fields in [chart.by] : "groupByFields" => fields if length(fields) > 0 })
              }
            }
          }]
        }
      }
    }
  ]

  log_tile = {
    xPos   = 0
    yPos   = ceil(length(local.charts) / 2) * 16
    width  = 48
    height = 20
    widget = {
      title = "Warnings and errors"
      logsPanel = {
        filter        = "${local.function_logs} AND severity>=WARNING"
        resourceNames = ["projects/${data.google_project.this.number}"]
      }
    }
  }
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName  = "Weekly Archive"
    mosaicLayout = { columns = 48, tiles = concat(local.chart_tiles, [local.log_tile]) }
  })

  depends_on = [google_project_service.this]
}
