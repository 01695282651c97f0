# What a person sees: addresses, commands, alerts, the bill.

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

run "the_redirect_uri_is_known_before_the_first_apply" {
  command = plan

  assert {
    condition     = output.redirect_uri == "https://weekly-archive-signup-123456789012.europe-west1.run.app/callback"
    error_message = "The README tells people to register this address before anything exists."
  }
  assert {
    condition     = output.sign_up_url == "https://weekly-archive-signup-123456789012.europe-west1.run.app"
    error_message = "The sign-up address is the redirect URI without its path."
  }
}

run "the_commands_can_be_pasted" {
  command = plan

  assert {
    condition     = output.run_week_command == "gcloud scheduler jobs run weekly-archive-weekly --location=europe-west1 --project=test-project"
    error_message = "This command runs the week by hand."
  }
  assert {
    condition     = strcontains(output.add_secret_command, "gcloud secrets versions add weekly-archive-spotify-client-secret --project=test-project --data-file=-")
    error_message = "The secret has to come from the keyboard and not from the command line."
  }
}

run "every_alert_carries_its_playbook" {
  command = plan

  assert {
    condition = alltrue([
      for name, policy in merge(google_monitoring_alert_policy.log, google_monitoring_alert_policy.metric) : (
        endswith(policy.documentation[0].links[0].url, "/internal/docs/playbooks/${name}.md") &&
        startswith(policy.documentation[0].content, "# ${name}: ")
      )
    ])
    error_message = "Each alert has to link to the playbook of its name, and to carry its text."
  }
  assert {
    condition     = alltrue([for name, alert in local.log_alerts : strcontains(local.playbooks[name].text, alert.filter)])
    error_message = "The filter to paste has to be the one that the alert looks for."
  }
  assert {
    condition     = alltrue([for playbook in local.playbooks : length(playbook.text) <= 8192])
    error_message = "Cloud Monitoring takes 8,192 characters of documentation."
  }
  assert {
    condition     = toset(keys(local.playbooks)) == toset([for file in fileset(local.root, "internal/docs/playbooks/*.md") : trimsuffix(basename(file), ".md") if basename(file) != "README.md"])
    error_message = "Each playbook belongs to an alert."
  }
}

run "the_dashboard_is_as_google_gives_it_back" {
  command = plan

  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      length(try(tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.groupByFields, ["none"])) > 0
    ])
    error_message = "Google leaves an empty list out, so the plan would never be empty."
  }
  assert {
    condition = anytrue([
      for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles :
      try(tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.groupByFields, []) == ["metric.labels.outcome"]
    ])
    error_message = "Runs have to be told apart by their outcome."
  }
}

run "alerts_and_budget_are_silent_unless_asked_for" {
  command = plan

  assert {
    condition     = length(google_monitoring_notification_channel.email) == 0 && length(google_billing_budget.this) == 0
    error_message = "Neither mail nor budget without a choice."
  }
}

run "alerts_and_budget_reach_the_address_that_was_given" {
  command = plan

  variables {
    alert_email    = "operator@example.com"
    monthly_budget = 5
  }

  assert {
    condition     = google_monitoring_notification_channel.email[0].labels.email_address == "operator@example.com"
    error_message = "Alerts have to go to the given address."
  }
  assert {
    condition = alltrue([
      for policy in merge(google_monitoring_alert_policy.log, google_monitoring_alert_policy.metric) :
      length(policy.notification_channels) == 1
    ])
    error_message = "Every alert has to be mailed."
  }
  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "5" && length(google_billing_budget.this[0].all_updates_rule) == 1
    error_message = "The budget has to be the given one, and mailed to the given address too."
  }
}

run "a_budget_without_a_billing_account_says_what_to_do" {
  command = plan

  variables {
    monthly_budget = 5
  }

  override_data {
    target = data.google_project.this
    values = { billing_account = "", number = "123456789012" }
  }

  expect_failures = [google_billing_budget.this]
}

run "what_cannot_be_made_again_is_protected" {
  command = plan

  assert {
    condition     = google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "The database holds every user's consent and ledger."
  }
  assert {
    condition     = google_kms_crypto_key.grants.rotation_period == "7776000s"
    error_message = "The key has to be rotated every 90 days."
  }
  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_DISABLED"
    error_message = "Recovery keeps data of people who disconnected for longer than promised."
  }
}

run "old_documents_go_by_themselves" {
  command = plan

  assert {
    condition     = toset(keys(google_firestore_field.expiring)) == toset(["entries", "pages", "refusals"])
    error_message = "These collections hold documents that expire."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.expiring : field.field == "expires_at" && length(field.ttl_config) == 1])
    error_message = "Firestore has to delete them by expires_at."
  }
  assert {
    condition     = one(google_firestore_field.expiring["entries"].index_config[0].indexes).order == "DESCENDING"
    error_message = "The account page asks for the newest entries by expires_at."
  }
}

run "nothing_but_labels_is_indexed" {
  command = plan

  assert {
    condition     = alltrue([for field in google_firestore_field.unindexed : field.field == "*" && length(field.index_config[0].indexes) == 0])
    error_message = "Whole collection groups are taken out of the indexes."
  }
  assert {
    condition     = alltrue([for group in keys(google_firestore_field.expiring) : contains(keys(google_firestore_field.unindexed), group)])
    error_message = "Nothing else of the documents that expire is asked for."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.label : startswith(field.field, "_labels.") && one(field.index_config[0].indexes).order == "ASCENDING"])
    error_message = "A list by label is in the order of its values."
  }
}

run "no_authorization_code_is_logged_with_a_request" {
  command = plan

  assert {
    condition     = strcontains(google_logging_project_exclusion.callback.filter, "httpRequest.requestUrl=~\"/callback\"") && strcontains(google_logging_project_exclusion.callback.filter, "weekly-archive-signup")
    error_message = "Cloud Run logs whole addresses, and the callback's holds an authorization code."
  }
}
