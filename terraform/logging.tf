# Cloud Run writes a line with the whole address of every request, beside our
# own, which has the route and no address. README.md says how far these
# exclusions reach, and what to look at once.
locals {
  request_log = "${local.log_of.signup} AND logName=\"projects/${var.project_id}/logs/run.googleapis.com%2Frequests\""

  # Words of lowercase letters: every page, and nothing that could be a secret.
  plain_address = "^https?://[^/?]+(/[a-z]{0,16}([.][a-z]{1,4})?)*$"
}

# Spotify's answer to a consent comes as an address that holds the authorization
# code, and a calendar's or a signed link's address is a secret itself. No list
# of such addresses can be forgotten to be added to: what is not plain is
# never stored.
resource "google_logging_project_exclusion" "addresses" {
  name        = "${local.name}-addresses"
  description = "Requests whose address may hold a code, a token or a signature."
  filter      = "${local.request_log} AND NOT httpRequest.requestUrl=~\"${local.plain_address}\""

  depends_on = [google_project_service.this]
}

# A flood of visitors writes two lines a request. One in a hundred tells as much;
# those that SignUp could not answer are kept, and metrics count all.
resource "google_logging_project_exclusion" "flood" {
  name        = "${local.name}-flood"
  description = "99 of 100 requests that were answered."
  filter      = "((${local.request_log} AND httpRequest.status<500) OR (${local.log_of.signup} AND jsonPayload.message=\"request served\" AND jsonPayload.status<500)) AND sample(insertId, 0.99)"

  depends_on = [google_project_service.this]
}
