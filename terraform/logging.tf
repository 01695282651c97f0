# Cloud Run logs the address of every request, and Spotify's answer to a
# consent comes as an address that holds the authorization code. Those lines
# are never stored; the function's own log tells how the sign-up went.
resource "google_logging_project_exclusion" "callback" {
  name        = "${local.name}-callback"
  description = "Requests to /callback: their address holds an authorization code."
  filter      = "${local.log_of.signup} AND logName=\"projects/${var.project_id}/logs/run.googleapis.com%2Frequests\" AND httpRequest.requestUrl=~\"/callback\""

  depends_on = [google_project_service.this]
}
