# A function, the account it runs as, and who may call it.
resource "google_service_account" "this" {
  account_id   = var.name
  display_name = var.title
  description  = var.description
}

resource "google_cloudfunctions2_function" "this" {
  name        = var.name
  description = var.description
  location    = var.region

  build_config {
    runtime           = "go126"
    entry_point       = var.entry_point
    docker_repository = var.build.repository
    service_account   = var.build.service_account

    source {
      storage_source {
        bucket = var.build.bucket
        object = var.build.object
      }
    }
  }

  service_config {
    service_account_email = google_service_account.this.email
    environment_variables = var.environment
    ingress_settings      = var.public ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    timeout_seconds       = var.timeout_seconds

    # Several requests at once take a whole CPU; it is paid for only while
    # there are any.
    available_cpu                    = "1"
    available_memory                 = var.memory
    max_instance_count               = var.max_instances
    max_instance_request_concurrency = var.concurrency
    min_instance_count               = 0

    all_traffic_on_latest_revision = true
  }
}

# A binding, not members: nobody else calls the function by a grant on it. The
# Cloud Run service behind a function carries the function's name.
resource "google_cloud_run_v2_service_iam_binding" "invoker" {
  name     = google_cloudfunctions2_function.this.name
  location = var.region
  role     = "roles/run.invoker"
  members  = var.public ? ["allUsers"] : var.invokers
}
