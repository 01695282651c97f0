resource "google_firestore_database" "this" {
  # Only one database of a project is free of charge, by default this one.
  name        = "(default)"
  location_id = var.region
  type        = "FIRESTORE_NATIVE"

  delete_protection_state = "DELETE_PROTECTION_ENABLED"

  # No backups and no point-in-time recovery: both would keep the data of a
  # person who disconnected for longer than the five days that Spotify's terms
  # allow. What is lost with the database is rebuilt by signing up again; the
  # archives themselves are at Spotify.
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.this]
}

locals {
  # Collection group => the orders in which its expires_at is asked for. The
  # history on the account page asks for the newest entries; nobody asks the
  # others.
  expiring = {
    entries  = ["DESCENDING"]
    pages    = []
    probes   = []
    refusals = []
  }

  # Every collection group of internal/archive/records.
  collections = toset(["app", "entries", "pages", "pending", "probes", "refusals", "seen", "users"])

  # Collection/label => what a label is an index of. A label that a query asks
  # for has to stand here.
  labels = {
    "users/due" = { collection = "users", field = "_labels.due" }
  }
}

# No composite index is declared: a query asks in order of name, by one label,
# or by expires_at.

# Firestore deletes a document within a day after its expires_at.
resource "google_firestore_field" "expiring" {
  for_each = local.expiring

  database   = google_firestore_database.this.name
  collection = each.key
  field      = "expires_at"

  index_config {
    dynamic "indexes" {
      for_each = each.value
      content {
        order       = indexes.value
        query_scope = "COLLECTION"
      }
    }
  }

  ttl_config {}
}

# Firestore would write every field into two indexes, a list with every element,
# a blob with its first 1,500 bytes.
resource "google_firestore_field" "unindexed" {
  for_each = local.collections

  database   = google_firestore_database.this.name
  collection = each.key
  field      = "*"

  index_config {}

  # The first release asks for users by a field of its own.
  depends_on = [module.fanout]
}

resource "google_firestore_field" "label" {
  for_each = local.labels

  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION"
    }
  }
}

# The first label was of a user's status, and nobody asked for it.
moved {
  from = google_firestore_field.label["users/status"]
  to   = google_firestore_field.label["users/due"]
}
