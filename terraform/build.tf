# The account that builds the functions, and where the images go. Without it,
# Google builds as the default compute account.
resource "google_service_account" "builder" {
  account_id   = "${local.name}-builder"
  display_name = "Weekly Archive: builds the functions"
  description  = "Reads the source, writes the images and the build's log."

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository" "images" {
  repository_id = local.name
  description   = "Images of the functions."
  format        = "DOCKER"
  location      = var.region

  # Cloud Run keeps its own copy of an image that it runs; these are for a
  # look back.
  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 2
    }
  }
  cleanup_policies {
    id     = "delete-others"
    action = "DELETE"
    condition {
      older_than = "604800s"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository_iam_binding" "writer" {
  repository = google_artifact_registry_repository.images.name
  location   = google_artifact_registry_repository.images.location
  role       = "roles/artifactregistry.writer"
  members    = [google_service_account.builder.member]
}

resource "google_storage_bucket_iam_binding" "source_reader" {
  bucket  = google_storage_bucket.source.name
  role    = "roles/storage.objectViewer"
  members = [google_service_account.builder.member]
}
