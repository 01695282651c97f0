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

# What became of the function is asked after every change of it, and in every
# plan that does not change it. On the function itself the conditions would look
# at the time before a change, and would forbid the very change that mends it;
# as data of a check, which each apply reads anew, no plan would ever be empty.

# A build that failed may leave a function that Google describes with the new
# source, and then Terraform sees nothing to change.
data "google_cloudfunctions2_function" "this" {
  name     = google_cloudfunctions2_function.this.name
  location = var.region

  lifecycle {
    postcondition {
      condition     = self.state == "ACTIVE"
      error_message = "The last deployment of ${var.name} failed: its state is ${self.state}, not ACTIVE. The history of Cloud Build shows why. Mend it and apply with -replace=module.${lower(var.entry_point)}.google_cloudfunctions2_function.this, which builds it anew."
    }
  }

  depends_on = [google_cloudfunctions2_function.this]
}

# Without a grant to anybody, a person has to tell Cloud Run not to ask who calls:
# the function has no argument for it, and Google may undo it when it deploys.
data "google_cloud_run_v2_service" "this" {
  count = var.public && length(var.invokers) == 0 ? 1 : 0

  name     = google_cloudfunctions2_function.this.name
  location = var.region

  lifecycle {
    postcondition {
      condition     = self.invoker_iam_disabled
      error_message = "Nobody can reach ${var.name}: nobody is granted to call it, and Cloud Run asks who calls. Tell it not to ask, then apply again: gcloud run services update ${var.name} --no-invoker-iam-check --region=${var.region} --project=${google_cloudfunctions2_function.this.project}"
    }
  }

  depends_on = [google_cloudfunctions2_function.this]
}

# A binding, not members: nobody else calls the function by a grant on it. The
# Cloud Run service behind a function carries the function's name, and takes the
# grants on it along when the function is replaced.
resource "google_cloud_run_v2_service_iam_binding" "invoker" {
  count = length(var.invokers) > 0 ? 1 : 0

  name     = google_cloudfunctions2_function.this.name
  location = var.region
  role     = "roles/run.invoker"
  members  = var.invokers

  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.this.id]
  }
}
