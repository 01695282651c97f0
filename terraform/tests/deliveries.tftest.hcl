# What is delivered when, how often, and what becomes of it when it fails.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "archive" {
  override_during = plan
}

variables {
  project_id        = "test-project"
  region            = "europe-west1"
  spotify_client_id = "0123456789abcdef0123456789abcdef"
}

run "dead_letters_never_expire" {
  command = plan

  assert {
    condition     = alltrue([for s in google_pubsub_subscription.dead : s.expiration_policy[0].ttl == ""])
    error_message = "A dead-letter subscription that expires takes every later dead letter with it."
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.expiration_policy[0].ttl == ""])
    error_message = "A push subscription that expires ends the service."
  }
  assert {
    condition = alltrue([
      for s in concat(values(google_pubsub_subscription.dead), values(google_pubsub_subscription.push)) : s.message_retention_duration == "604800s"
    ])
    error_message = "Messages have to be kept for seven days: a Retry-After may be a day."
  }
  assert {
    condition = alltrue([
      for topic in ["archive", "weekly"] : (
        google_pubsub_topic_iam_binding.dead_publisher[topic].members == toset(["serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"]) &&
        google_pubsub_subscription_iam_binding.dead_subscriber[topic].members == toset(["serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
      )
    ])
    error_message = "Only Pub/Sub itself moves messages to the dead letters, and it needs both grants for that."
  }
}

run "no_second_delivery_comes_while_the_first_is_at_work" {
  command = plan

  assert {
    condition = (
      google_pubsub_subscription.push["archive"].ack_deadline_seconds > module.archiveuser.timeout_seconds &&
      google_pubsub_subscription.push["weekly"].ack_deadline_seconds > module.fanout.timeout_seconds
    )
    error_message = "The ack deadline has to be longer than the function may run."
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.ack_deadline_seconds <= 600])
    error_message = "Pub/Sub takes no ack deadline above 600 s."
  }
  assert {
    condition     = module.archiveuser.timeout_seconds > 240
    error_message = "A run gives up by itself after four minutes; the function has to let it."
  }
}

run "retries_are_slow_and_many" {
  command = plan

  assert {
    condition = alltrue([
      for s in google_pubsub_subscription.push :
      s.retry_policy[0].minimum_backoff == "10s" && s.retry_policy[0].maximum_backoff == "600s"
    ])
    error_message = "A retry within 10 s does not see a write to Spotify yet; one after 600 s is the slowest there is."
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.dead_letter_policy[0].max_delivery_attempts == 100])
    error_message = "Fewer attempts than 100 do not reach over a night."
  }
}

run "pushes_go_to_the_function_by_a_path_that_names_the_topic" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.push["archive"].push_config[0].push_endpoint == "https://weekly-archive-archiveuser-123456789012.europe-west1.run.app/projects/test-project/topics/archive"
    error_message = "The Functions Framework knows a push of topic archive by this path."
  }
  assert {
    condition     = google_pubsub_subscription.push["weekly"].push_config[0].push_endpoint == "https://weekly-archive-fanout-123456789012.europe-west1.run.app/projects/test-project/topics/weekly"
    error_message = "The Functions Framework knows a push of topic weekly by this path."
  }
  assert {
    condition     = google_pubsub_subscription.push["archive"].push_config[0].oidc_token[0].audience == "https://weekly-archive-archiveuser-123456789012.europe-west1.run.app"
    error_message = "Cloud Run takes its own address as audience, without a path."
  }
}

run "schedules_are_in_utc_and_after_monday_noon" {
  command = plan

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.time_zone == "Etc/UTC"])
    error_message = "The schedules have to be in UTC, summer and winter."
  }
  assert {
    condition     = google_cloud_scheduler_job.this["weekly"].schedule == "0 13 * * 1"
    error_message = "Discover Weekly is out everywhere from Monday 12:00 UTC on."
  }
  assert {
    condition     = google_cloud_scheduler_job.this["hourly"].schedule == "7 * * * *" && google_cloud_scheduler_job.this["sweep"].schedule == "37 13 * * *"
    error_message = "Whose time has come is sent out every hour, and whose message is lost every day."
  }
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.paused == false])
    error_message = "All three run, and one that an earlier deployment had paused runs again."
  }
  assert {
    condition = {
      for kind, job in google_cloud_scheduler_job.this : kind => jsondecode(base64decode(job.pubsub_target[0].data))
      } == {
      hourly = { v = 1, kind = "hourly" }
      sweep  = { v = 1, kind = "sweep" }
      weekly = { v = 1, kind = "weekly" }
    }
    error_message = "FanOut understands these three messages."
  }
}

run "settings_that_lost_their_meaning_are_named" {
  command = plan

  variables {
    catch_up_schedule  = "0 13 * * 0,2-6"
    listening_enabled  = true
    listening_schedule = "7 * * * *"
  }

  expect_failures = [check.settings_without_effect]
}

# Listening is asked for as often as somebody plays, so it is on only together
# with the cap of a day's requests.
run "listening_is_on_and_within_the_budget_of_a_day" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.this["hourly"].paused == false && google_cloud_scheduler_job.this["hourly"].schedule == "7 * * * *"
    error_message = "Without the hourly message nobody's plays are looked at."
  }
  assert {
    condition     = module.archiveuser.environment.SPOTIFY_DAILY_REQUESTS == "auto" && module.signup.environment.SPOTIFY_DAILY_REQUESTS == "auto"
    error_message = "Without a setting the service finds out what an app of this kind may ask for in a day."
  }
}

run "the_budget_of_a_day_reaches_all_that_ask_spotify" {
  command = plan

  variables {
    spotify_daily_requests = 40
  }

  assert {
    condition     = module.archiveuser.environment.SPOTIFY_DAILY_REQUESTS == "40" && module.signup.environment.SPOTIFY_DAILY_REQUESTS == "40"
    error_message = "ArchiveUser and SignUp ask Spotify, and have one budget."
  }
}
