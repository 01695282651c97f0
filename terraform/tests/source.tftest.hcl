# What is built and deployed.

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

run "the_zip_holds_what_it_should" {
  command = plan

  assert {
    condition     = length(setintersection(local.source_files, ["go.mod", "go.sum"])) == 2
    error_message = "The build needs go.mod and go.sum."
  }
  assert {
    condition = alltrue([
      for folder in ["functions/archiveuser/", "functions/fanout/", "functions/signup/", "internal/archive/"] :
      anytrue([for file in local.source_files : startswith(file, folder)])
    ])
    error_message = "The three functions and the core have to be in the zip."
  }
  assert {
    condition = alltrue([
      for file in local.source_files :
      !endswith(file, "_test.go") && !can(regex("^(functions/local|internal/(acceptance|archtest|docs|local|tools)|terraform)/|/testdata/|[a-z]test/|/fakespotify/", file))
    ])
    error_message = "Tests, the local program, tools, documents and Terraform itself do not belong into the zip."
  }
  assert {
    condition     = alltrue([for file in local.source_files : file == "go.mod" || file == "go.sum" || length(split("/", file)) > 1])
    error_message = "Besides go.mod and go.sum, the generated package is all there may be at the root: the buildpack wants one package there."
  }
  assert {
    condition = (
      contains(data.archive_file.source.source[*].filename, "weeklyarchive.go") &&
      length(data.archive_file.source.source) == length(local.source_files) + 1
    )
    error_message = "The zip is the listed files and the generated package."
  }
}

run "each_function_says_which_source_it_is" {
  command = plan

  assert {
    condition = alltrue([
      for function in [module.signup, module.fanout, module.archiveuser] :
      function.environment.VERSION == "source-${substr(local.source_hash, 0, 12)}"
    ])
    error_message = "VERSION has to name the source that a function was built from."
  }
}

run "a_deployment_comes_when_the_code_changes_and_only_then" {
  command = plan

  assert {
    condition     = google_storage_bucket_object.source.name == "source-${local.source_hash}.zip"
    error_message = "The name of the zip has to be made of the content: a new name is what deploys."
  }
  assert {
    condition     = local.build.object == google_storage_bucket_object.source.name
    error_message = "The functions have to be built from that zip."
  }
}
