# Using the key and reading the secret are written to the audit log, so that
# alerts can tell when somebody other than the functions does it. Nobody is
# exempt: the log also has to show what the functions did.
resource "google_project_iam_audit_config" "this" {
  for_each = toset(["cloudkms.googleapis.com", "secretmanager.googleapis.com"])

  project = var.project_id
  service = each.key

  audit_log_config {
    log_type = "DATA_READ"
  }

  depends_on = [google_project_service.this]
}
