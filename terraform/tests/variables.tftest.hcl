# What a person may set, and what is refused. That the messages help is held by a test that reads them.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "archive" {
  override_during = plan
}

variables {
  project_id        = "test-project"
  region            = "europe-west1"
  spotify_client_id = "0123456789abcdef0123456789abcdef"
}

run "a_bad_value_is_refused" {
  command = plan

  variables {
    alert_email            = "operator at example.com"
    archive_concurrency    = 0
    archive_max_instances  = 1.5
    catch_up_schedule      = "daily"
    environment            = "prod"
    listening_schedule     = "hourly"
    monthly_budget         = 0.5
    project_id             = "My Project"
    region                 = "europe-west1-b"
    repository_url         = "git.example/weekly-archive"
    signup_max_instances   = 1000
    spotify_client_id      = "my app"
    spotify_daily_requests = 5
    waiting_hours          = 16
  }

  expect_failures = [
    var.alert_email,
    var.archive_concurrency,
    var.archive_max_instances,
    var.catch_up_schedule,
    var.environment,
    var.listening_schedule,
    var.monthly_budget,
    var.project_id,
    var.region,
    var.repository_url,
    var.signup_max_instances,
    var.spotify_client_id,
    var.spotify_daily_requests,
    var.waiting_hours,
  ]
}

run "three_values_are_all_a_newcomer_must_set" {
  command = plan

  assert {
    condition     = length(local.schedules) == 3
    error_message = "The plan has to succeed with project_id, region and spotify_client_id alone."
  }
}
