# One function by itself: what is said of one that was deployed and does not work.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name            = "weekly-archive-signup"
  title           = "Weekly Archive: SignUp"
  description     = "Pages for people."
  entry_point     = "SignUp"
  region          = "europe-west1"
  concurrency     = 80
  max_instances   = 2
  memory          = "256Mi"
  timeout_seconds = 60
  environment     = {}
  invokers        = ["allUsers"]
  public          = true

  build = {
    bucket          = "source"
    object          = "source.zip"
    repository      = "images"
    service_account = "builder"
  }
}

run "a_deployment_that_went_well_passes" {
  module {
    source = "./modules/function"
  }

  assert {
    condition     = data.google_cloudfunctions2_function.this.state == "ACTIVE"
    error_message = "Google has to be asked for the function after it was made."
  }
}

run "a_deployment_that_failed_is_noticed_by_a_plan_that_changes_nothing" {
  command = plan

  module {
    source = "./modules/function"
  }

  override_data {
    target = data.google_cloudfunctions2_function.this
    values = { state = "FAILED" }
  }

  expect_failures = [data.google_cloudfunctions2_function.this]
}

run "a_page_that_nobody_can_reach_is_noticed" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    invokers = []
  }

  expect_failures = [data.google_cloud_run_v2_service.this[0]]
}

run "a_page_that_cloud_run_opens_to_everybody_passes" {
  module {
    source = "./modules/function"
  }

  variables {
    invokers = []
  }

  override_data {
    target = data.google_cloud_run_v2_service.this[0]
    values = {
      invoker_iam_disabled = true
    }
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_binding.invoker) == 0
    error_message = "A grant to nobody is no grant."
  }
}
