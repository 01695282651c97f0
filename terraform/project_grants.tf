# Every grant on the whole project, each with the reason why no narrower one
# will do. Grants on a single resource are with that resource.
locals {
  our_database = {
    title      = "database of Weekly Archive"
    expression = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.this.name}\""
  }

  builder_grants = {
    fetches_source = {
      role = "roles/storage.objectViewer"
      condition = {
        title      = "copy of the source"
        expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}/\")"
      }
      reason = "Google copies the source into a bucket of its own, made with the first deployment, so nothing can be granted on it before. The condition holds the grant to that bucket."
    }
    writes_logs = {
      role      = "roles/logging.logWriter"
      condition = null
      reason    = "Writing log entries can be granted on a project only."
    }
  }

  function_grants = {
    archiveuser = {
      member    = module.archiveuser.member
      role      = "roles/datastore.user"
      condition = local.our_database
      reason    = "Reads and writes users, ledger, seen songs and the pause. Firestore has no grants on a database; the condition holds this one to ours."
    }
    fanout = {
      member    = module.fanout.member
      role      = "roles/datastore.user"
      condition = local.our_database
      reason    = "Reads users, writes runs. Firestore has no grants on a database; the condition holds this one to ours."
    }
    signup = {
      member    = module.signup.member
      role      = "roles/datastore.user"
      condition = local.our_database
      reason    = "Reads and writes users, deletes those who disconnect. Firestore has no grants on a database; the condition holds this one to ours."
    }
  }
}

# Members, not bindings: others in the project may rightly hold these roles.

resource "google_project_iam_member" "builder" {
  for_each = local.builder_grants

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.builder.member

  dynamic "condition" {
    for_each = each.value.condition[*]
    content {
      title       = condition.value.title
      expression  = condition.value.expression
      description = each.value.reason
    }
  }
}

resource "google_project_iam_member" "function" {
  for_each = local.function_grants

  project = var.project_id
  role    = each.value.role
  member  = each.value.member

  condition {
    title       = each.value.condition.title
    expression  = each.value.condition.expression
    description = each.value.reason
  }
}
