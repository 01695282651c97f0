locals {
  # None of them is to be set. Discover Weekly is out everywhere from Monday
  # 12:00 UTC on, and before that the weekly message finds nobody whose week is
  # open; what is due at which hour is noted with each user.
  schedules = {
    hourly = {
      description = "Sends out the users whose time has come since an hour ago."
      schedule    = "7 * * * *"
    }
    sweep = {
      description = "Sends out the users whose time passed hours ago: their message may be lost."
      schedule    = "37 13 * * *"
    }
    weekly = {
      description = "Archives the week of every user."
      schedule    = "0 13 * * 1"
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
  paused      = false # the listening job, which is now the hourly one, may have been

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

  # An older FanOut does not know what they send.
  depends_on = [module.fanout]
}

# The daily catch-up and the looks at plays, of deployments that had them.
moved {
  from = google_cloud_scheduler_job.this["catchup"]
  to   = google_cloud_scheduler_job.this["sweep"]
}

moved {
  from = google_cloud_scheduler_job.this["listening"]
  to   = google_cloud_scheduler_job.this["hourly"]
}

check "settings_without_effect" {
  assert {
    condition     = var.catch_up_schedule == null && var.listening_enabled == null && var.listening_schedule == null
    error_message = "catch_up_schedule, listening_enabled and listening_schedule have no effect any more: when somebody is looked at is noted with them, and looks at plays are always on for those who chose them. Take the settings out of your tfvars file."
  }
}
