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
      for name, policy in merge(google_monitoring_alert_policy.log, google_monitoring_alert_policy.metric, google_monitoring_alert_policy.query) : (
        startswith(policy.documentation[0].content, "# ${name}: ") && length(policy.documentation[0].links) == 0
      )
    ])
    error_message = "Each alert has to carry the text of its playbook, and to link nowhere unless an address was given."
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

run "every_alert_links_to_its_playbook_in_the_repository_that_was_given" {
  command = plan

  variables {
    repository_url = "https://git.example/somebody/weekly-archive"
  }

  assert {
    condition = alltrue([
      for name, policy in merge(google_monitoring_alert_policy.log, google_monitoring_alert_policy.metric, google_monitoring_alert_policy.query) :
      policy.documentation[0].links[0].url == "https://git.example/somebody/weekly-archive/blob/main/internal/docs/playbooks/${name}.md"
    ])
    error_message = "Each alert has to link to the playbook of its name."
  }
}

run "a_message_that_waits_for_two_hours_calls_the_operator" {
  command = plan

  assert {
    condition     = strcontains(google_monitoring_alert_policy.query["MessageWaits"].conditions[0].condition_prometheus_query_language[0].query, "subscription_id=\"archive-push\"}) > 7200")
    error_message = "A function that cannot be reached writes no line; only the age of its messages tells."
  }
  assert {
    condition     = google_monitoring_alert_policy.query["MessageWaits"].conditions[0].condition_prometheus_query_language[0].disable_metric_validation
    error_message = "In a new project, Google would refuse a condition on metrics that nothing was written to yet."
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
      for policy in merge(google_monitoring_alert_policy.log, google_monitoring_alert_policy.metric, google_monitoring_alert_policy.query) :
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
    condition     = toset(keys(google_firestore_field.expiring)) == toset(["entries", "pages", "probes", "refusals"])
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
  assert {
    condition     = keys(google_firestore_field.label) == ["users/due"]
    error_message = "One label is asked for, and so one is indexed."
  }
}

run "no_secret_address_is_logged_with_a_request" {
  command = plan

  assert {
    condition     = startswith(google_logging_project_exclusion.addresses.filter, "${local.request_log} AND NOT httpRequest.requestUrl=~")
    error_message = "Cloud Run logs whole addresses; a line whose address is not plain must not be stored."
  }
  assert {
    condition = alltrue([
      for address in ["", "/", "/account", "/account/reconnect.ics", "/healthz/weekly", "/style.css"] :
      can(regex(local.plain_address, "https://weekly-archive-signup-123456789012.europe-west1.run.app${address}"))
    ])
    error_message = "The addresses of our pages are plain."
  }
  assert {
    condition = !anytrue([
      for address in ["/callback?code=abc", "/callback?error=access_denied", "/callback?", "/calendar/7hq2m4x", "/c/QmFzZTY0", "/c/abcdefghijklmnopqrstuvwxyz", "/a%2Fb", "/account?done=x", "/x/a-b_c"] :
      can(regex(local.plain_address, "https://weekly-archive-signup-123456789012.europe-west1.run.app${address}"))
    ])
    error_message = "An address with a query, or with anything that could be a token, is not plain."
  }
}

run "a_flood_is_sampled_and_its_failures_are_not" {
  command = plan

  assert {
    condition     = endswith(google_logging_project_exclusion.flood.filter, " AND sample(insertId, 0.99)")
    error_message = "One line of a hundred has to be kept."
  }
  assert {
    condition     = strcontains(google_logging_project_exclusion.flood.filter, "${local.request_log} AND httpRequest.status<500") && strcontains(google_logging_project_exclusion.flood.filter, "jsonPayload.message=\"request served\" AND jsonPayload.status<500")
    error_message = "Google's line and ours are sampled, those of failures are all kept."
  }
  assert {
    condition     = length(regexall("weekly-archive-(archiveuser|fanout)", google_logging_project_exclusion.flood.filter)) == 0
    error_message = "The lines of runs are what alerts and metrics are made of."
  }
}

run "a_fresh_project_is_given_time_until_its_first_monday" {
  command = plan

  assert {
    condition     = module.signup.environment.RUNNING_SINCE == "2026-11-24T09:30:00.123456Z"
    error_message = "SignUp has to know since when a weekly run may be expected."
  }
}
