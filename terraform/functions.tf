# The first builds need grants that were made a minute before, and Google takes
# a few to make those known everywhere. So each function waits also for the
# deletion by age, which Firestore takes minutes to set up meanwhile; on later
# applies that is there, and nothing waits.
locals {
  build = {
    bucket          = google_storage_bucket.source.name
    object          = google_storage_bucket_object.source.name
    repository      = google_artifact_registry_repository.images.id
    service_account = google_service_account.builder.id
  }

  # The newest version and not a number: the functions ask again every few
  # minutes, so a secret is rotated by adding a version, without deploying. A
  # wrong one is taken back by adding the right one again, and never by
  # disabling it: "latest" is the newest version whatever its state, and a
  # disabled one cannot be read.
  client_secret = "${google_secret_manager_secret.spotify.id}/versions/latest"
}

module "signup" {
  source = "./modules/function"

  name        = local.names.signup
  title       = "Weekly Archive: SignUp"
  description = "Pages for people: consent, account, disconnect."
  entry_point = "SignUp"
  region      = var.region
  build       = local.build

  public          = true
  invokers        = var.allow_all_users ? ["allUsers"] : []
  concurrency     = 80
  max_instances   = var.signup_max_instances
  memory          = "256Mi"
  timeout_seconds = 60

  environment = {
    ARCHIVE_TOPIC              = google_pubsub_topic.this["archive"].name
    BASE_URL                   = local.addresses.signup
    CONTACT                    = var.contact
    ENVIRONMENT                = var.environment
    FIRESTORE_DATABASE         = google_firestore_database.this.name
    GOOGLE_CLOUD_PROJECT       = var.project_id
    KMS_KEY                    = google_kms_crypto_key.grants.id
    NTFY_URL                   = var.ntfy_url
    REPOSITORY_URL             = var.repository_url
    RUNNING_SINCE              = google_firestore_database.this.create_time
    SPOTIFY_ACCOUNTS_URL       = "https://accounts.spotify.com"
    SPOTIFY_API_URL            = "https://api.spotify.com/v1"
    SPOTIFY_CLIENT_ID          = var.spotify_client_id
    SPOTIFY_CLIENT_SECRET_NAME = local.client_secret
    SPOTIFY_DAILY_REQUESTS     = var.spotify_daily_requests == null ? "auto" : tostring(var.spotify_daily_requests)
    VERSION                    = local.source_version
  }

  depends_on = [
    google_artifact_registry_repository_iam_binding.writer,
    google_firestore_field.expiring,
    google_project_iam_member.builder,
    google_storage_bucket_iam_binding.source_reader,
  ]
}

# Asks Firestore and publishes; a page of users takes a second, and after 40 s
# the rest goes into another message.
module "fanout" {
  source = "./modules/function"

  name        = local.names.fanout
  title       = "Weekly Archive: FanOut"
  description = "Sends one message per user who is due."
  entry_point = "FanOut"
  region      = var.region
  build       = local.build

  invokers        = [google_service_account.push["weekly"].member]
  concurrency     = 8
  max_instances   = 2
  memory          = "256Mi"
  timeout_seconds = 120

  environment = {
    ARCHIVE_TOPIC        = google_pubsub_topic.this["archive"].name
    ENVIRONMENT          = var.environment
    FIRESTORE_DATABASE   = google_firestore_database.this.name
    GOOGLE_CLOUD_PROJECT = var.project_id
    VERSION              = local.source_version
    WEEKLY_TOPIC         = google_pubsub_topic.this["weekly"].name
  }

  depends_on = [
    google_artifact_registry_repository_iam_binding.writer,
    google_firestore_field.expiring,
    google_firestore_field.label, # by which it asks
    google_project_iam_member.builder,
    google_storage_bucket_iam_binding.source_reader,
  ]
}

# Instances times concurrency is how many users are worked on at once, a few
# requests to Spotify each. Spotify counts the requests of an app in 30 s and
# does not say how many it allows, so the defaults are low: 8 users, about 16
# requests a second. One instance also means that a pause that Spotify asked of
# one user is known to the others at once. What is over gets 429 from Cloud
# Run and comes again after the back-off.
module "archiveuser" {
  source = "./modules/function"

  name        = local.names.archiveuser
  title       = "Weekly Archive: ArchiveUser"
  description = "Archives the week of one user."
  entry_point = "ArchiveUser"
  region      = var.region
  build       = local.build

  invokers        = [google_service_account.push["archive"].member]
  concurrency     = var.archive_concurrency
  max_instances   = var.archive_max_instances
  memory          = "256Mi"
  timeout_seconds = 300 # a run gives up by itself after four minutes

  environment = {
    BASE_URL                   = local.addresses.signup
    CONTACT                    = var.contact
    ENVIRONMENT                = var.environment
    FIRESTORE_DATABASE         = google_firestore_database.this.name
    GOOGLE_CLOUD_PROJECT       = var.project_id
    KMS_KEY                    = google_kms_crypto_key.grants.id
    NTFY_URL                   = var.ntfy_url
    REPOSITORY_URL             = var.repository_url
    SPOTIFY_ACCOUNTS_URL       = "https://accounts.spotify.com"
    SPOTIFY_API_URL            = "https://api.spotify.com/v1"
    SPOTIFY_CLIENT_ID          = var.spotify_client_id
    SPOTIFY_CLIENT_SECRET_NAME = local.client_secret
    SPOTIFY_DAILY_REQUESTS     = var.spotify_daily_requests == null ? "auto" : tostring(var.spotify_daily_requests)
    VERSION                    = local.source_version
  }

  depends_on = [
    google_artifact_registry_repository_iam_binding.writer,
    google_firestore_field.expiring,
    google_project_iam_member.builder,
    google_storage_bucket_iam_binding.source_reader,
  ]
}
