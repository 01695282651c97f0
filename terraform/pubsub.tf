locals {
  # A topic, the function that it is pushed to, and who may publish to it.
  deliveries = {
    archive = {
      address         = local.addresses.archiveuser
      timeout_seconds = module.archiveuser.timeout_seconds
      publishers      = [module.fanout.member, module.signup.member]
    }
    weekly = {
      address         = local.addresses.fanout
      timeout_seconds = module.fanout.timeout_seconds
      publishers      = [module.fanout.member] # hands the rest of a long run on to itself
    }
  }

  topics = toset(["archive", "weekly"])

  week = "604800s"
}

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  name = each.key

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic_iam_binding" "publisher" {
  for_each = local.deliveries

  topic   = google_pubsub_topic.this[each.key].id
  role    = "roles/pubsub.publisher"
  members = each.value.publishers
}

# Pushes as this account, which may call one function and nothing else.
resource "google_service_account" "push" {
  for_each = local.topics

  account_id   = "${local.name}-push-${each.key}"
  display_name = "Weekly Archive: pushes topic ${each.key}"
  description  = "Calls the function that the messages of topic ${each.key} are for."

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "push" {
  for_each = local.deliveries

  name  = "${each.key}-push"
  topic = google_pubsub_topic.this[each.key].id

  push_config {
    # The framework recognises a push by this path and takes the event's
    # source from it.
    push_endpoint = "${each.value.address}/projects/${var.project_id}/topics/${each.key}"

    oidc_token {
      service_account_email = google_service_account.push[each.key].email
      audience              = each.value.address
    }
  }

  # Longer than the function may run, so that no second delivery comes while
  # the first is at work; the minute is for waiting until an instance is free.
  ack_deadline_seconds = each.value.timeout_seconds + 60

  # The first retry gives Spotify the time after which a write shows in reads.
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # The most that Pub/Sub allows: at 600 s apart, 100 attempts span 16 hours.
  # No message waits for the end of a long pause of Spotify's; after one that
  # ends here the daily sweep sends another.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.key].id
    max_delivery_attempts = 100
  }

  message_retention_duration = local.week

  expiration_policy {
    ttl = "" # never
  }

  # Nothing is pushed before somebody is there to take it.
  depends_on = [
    google_pubsub_subscription.dead,
    google_pubsub_topic_iam_binding.dead_publisher,
    module.archiveuser,
    module.fanout,
  ]
}

resource "google_pubsub_topic" "dead" {
  for_each = local.topics

  name = "${each.key}-dead"

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "dead" {
  for_each = local.topics

  name  = "${each.key}-dead"
  topic = google_pubsub_topic.dead[each.key].id

  message_retention_duration = local.week

  # A subscription that nobody pulls from would be deleted after 31 days, and
  # with it every dead letter to come.
  expiration_policy {
    ttl = "" # never
  }
}

resource "google_pubsub_topic_iam_binding" "dead_publisher" {
  for_each = local.topics

  topic   = google_pubsub_topic.dead[each.key].id
  role    = "roles/pubsub.publisher"
  members = [local.pubsub_agent]
}

# Moving a message to the dead letters includes acknowledging it.
resource "google_pubsub_subscription_iam_binding" "dead_subscriber" {
  for_each = local.topics

  subscription = google_pubsub_subscription.push[each.key].id
  role         = "roles/pubsub.subscriber"
  members      = [local.pubsub_agent]
}
