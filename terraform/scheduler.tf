locals {
  schedules = {
    catchup = {
      description = "Tries users again whose week is not done."
      enabled     = true
      schedule    = var.catch_up_schedule
    }
    listening = {
      description = "Asks for the plays of users who chose to listen."
      enabled     = var.listening_enabled
      schedule    = var.listening_schedule
    }
    weekly = {
      description = "Archives the week of every user."
      enabled     = true
      # Not to be set: Discover Weekly is out everywhere from Monday 12:00 UTC
      # on, and before that the message finds nobody due.
      schedule = "0 13 * * 1"
    }
  }
}

# Publishing needs no grant of ours: Cloud Scheduler does it as its own service
# agent.
resource "google_cloud_scheduler_job" "this" {
  for_each = local.schedules

  name        = "${local.name}-${each.key}"
  description = each.value.description
  region      = var.region
  schedule    = each.value.schedule
  time_zone   = "Etc/UTC"
  paused      = !each.value.enabled

  pubsub_target {
    topic_name = google_pubsub_topic.this["weekly"].id
    data       = base64encode(jsonencode({ v = 1, kind = each.key }))
  }

  # A message that was published twice does no harm.
  retry_config {
    retry_count          = 5
    min_backoff_duration = "10s"
    max_backoff_duration = "600s"
    max_doublings        = 5
  }
}
