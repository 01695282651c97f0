variable "alert_email" {
  description = "Address that alerts are mailed to. Null shows them in the console only."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email must be null or an address such as name@example.com."
  }
}

variable "allow_all_users" {
  description = "Whether everybody is granted to call SignUp (allUsers). Set it to false where an organization forbids that (domain restricted sharing), and run output make_public_command once instead."
  type        = bool
  default     = true
}

variable "archive_concurrency" {
  description = "How many users one instance of ArchiveUser works on at the same time."
  type        = number
  default     = 8

  validation {
    condition     = var.archive_concurrency >= 1 && var.archive_concurrency <= 80 && floor(var.archive_concurrency) == var.archive_concurrency
    error_message = "archive_concurrency must be a whole number from 1 to 80."
  }
}

variable "archive_max_instances" {
  description = "How many instances of ArchiveUser may run. Times archive_concurrency: how many users are worked on at once, and so how hard Spotify is asked."
  type        = number
  default     = 1

  validation {
    condition     = var.archive_max_instances >= 1 && var.archive_max_instances <= 100 && floor(var.archive_max_instances) == var.archive_max_instances
    error_message = "archive_max_instances must be a whole number from 1 to 100."
  }
}

variable "catch_up_schedule" {
  description = "Has no effect any more: every user has a time of their own at which they are tried again."
  type        = string
  default     = null

  validation {
    condition     = var.catch_up_schedule == null ? true : can(regex("^(\\S+ ){4}\\S+$", var.catch_up_schedule))
    error_message = "catch_up_schedule must be null, or the five fields of cron that it once was, such as \"0 13 * * 0,2-6\"; best take it out of your tfvars file."
  }
}

variable "contact" {
  description = "Mail address or https address of whoever runs this copy, for the privacy page. Empty: people are told to ask whoever gave them the address."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$|^https://\\S+$", var.contact))
    error_message = "contact must be empty, an address such as name@example.com, or begin with https://."
  }
}

variable "environment" {
  description = "Label of logs and resources."
  type        = string
  default     = "production"

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "listening_enabled" {
  description = "Has no effect any more: the plays of users who chose to listen are always asked for, as often as they play."
  type        = bool
  default     = null
}

variable "listening_schedule" {
  description = "Has no effect any more: every user has a time of their own at which their plays are asked for."
  type        = string
  default     = null

  validation {
    condition     = var.listening_schedule == null ? true : can(regex("^(\\S+ ){4}\\S+$", var.listening_schedule))
    error_message = "listening_schedule must be null, or the five fields of cron that it once was, such as \"7 * * * *\"; best take it out of your tfvars file."
  }
}

variable "monthly_budget" {
  description = "Amount per month, in the currency of the billing account, above which its administrators are mailed. Null makes no budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget == null ? true : var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be null or a whole number from 1 up."
  }
}

variable "ntfy_url" {
  description = "An ntfy server of your own that people may use beside ntfy.sh, such as https://ntfy.example.com. Empty: ntfy.sh alone."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^$|^https://[0-9a-z-]+([.][0-9a-z-]+)+$", var.ntfy_url))
    error_message = "ntfy_url must be empty, or https:// and a host, without a port and a path."
  }
}

variable "project_id" {
  description = "Id of the Google Cloud project, which has to exist and to have billing."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project id (not a name or a number): 6 to 30 lowercase letters, digits and hyphens, beginning with a letter, such as weekly-archive-4711."
  }
}

variable "region" {
  description = "Google Cloud region of everything, such as europe-west1. Some projects may build in asia-east1, australia-southeast1, europe-west1, southamerica-east1, us-central1 and us-west2 only. It cannot be changed later without losing the database."
  type        = string

  validation {
    condition     = can(regex("^(africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be one Google Cloud region (not a zone such as europe-west1-b, and not a multi-region such as eur3), best one of those in which every project may build: asia-east1, australia-southeast1, europe-west1, southamerica-east1, us-central1, us-west2."
  }
}

variable "repository_url" {
  description = "Address of the repository that you deploy from. The alerts link to its playbooks, and requests to Spotify name it. Empty: alerts carry the text of their playbooks only."
  type        = string
  default     = ""

  validation {
    condition     = var.repository_url == "" || can(regex("^https://[^\\s/]+/\\S*[^\\s/]$", var.repository_url))
    error_message = "repository_url must be empty, or begin with https:// and not end with a slash."
  }
}

variable "signup_max_instances" {
  description = "How many instances of SignUp may run: a cap on what a flood of visitors can cost."
  type        = number
  default     = 2

  validation {
    condition     = var.signup_max_instances >= 1 && var.signup_max_instances <= 100 && floor(var.signup_max_instances) == var.signup_max_instances
    error_message = "signup_max_instances must be a whole number from 1 to 100."
  }
}

variable "spotify_client_id" {
  description = "Client ID of your Spotify app, as its settings page shows it. It is no secret."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.spotify_client_id))
    error_message = "spotify_client_id must be the 32 characters 0-9 and a-f that the settings page of your Spotify app calls Client ID."
  }
}

variable "spotify_daily_requests" {
  description = "How many requests to Spotify the app makes in a day (UTC), all its users together; 0 for as many as it needs. Null is 100 for an app in development mode, and no cap for one that may read Discover Weekly."
  type        = number
  default     = null

  validation {
    condition     = var.spotify_daily_requests == null ? true : floor(var.spotify_daily_requests) == var.spotify_daily_requests && (var.spotify_daily_requests == 0 || var.spotify_daily_requests >= 10 && var.spotify_daily_requests <= 9999999)
    error_message = "spotify_daily_requests must be null, 0, or a whole number from 10 up."
  }
}

variable "waiting_hours" {
  description = "Hours after which a message that waits calls the operator. More only where a weekly run takes longer."
  type        = number
  default     = 2

  validation {
    condition     = var.waiting_hours >= 1 && var.waiting_hours <= 12 && floor(var.waiting_hours) == var.waiting_hours
    error_message = "waiting_hours must be a whole number from 1 to 12: after 16 hours a message is given up."
  }
}
