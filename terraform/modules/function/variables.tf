variable "build" {
  description = "Source, and who builds it: bucket and object of the zip, repository of the image (projects/…/repositories/…), service_account (projects/…/serviceAccounts/…)."
  type = object({
    bucket          = string
    object          = string
    repository      = string
    service_account = string
  })
}

variable "concurrency" {
  description = "Requests that one instance serves at the same time."
  type        = number
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
}

variable "entry_point" {
  description = "Name under which the code registers the function."
  type        = string
}

variable "environment" {
  description = "Environment variables. None of them is a secret."
  type        = map(string)
}

variable "invokers" {
  description = "IAM members that may call the function. With none, no grant is made."
  type        = list(string)
}

variable "max_instances" {
  description = "Instances that may run at the same time."
  type        = number
}

variable "memory" {
  description = "Memory of an instance, such as 256Mi."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "memory must be a whole number of Mi or Gi, such as 256Mi."
  }
}

variable "name" {
  description = "Name of the function, of its service and of its account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "name must be 6 to 30 lowercase letters, digits and hyphens, beginning with a letter: it names an account too."
  }
}

variable "public" {
  description = "Whether the function can be reached from anywhere, and not from Google's own services only."
  type        = bool
  default     = false
}

variable "region" {
  description = "Google Cloud region."
  type        = string
}

variable "timeout_seconds" {
  description = "Seconds after which a request is cut off."
  type        = number

  # With the minute on top, the longest deadline that Pub/Sub allows is 600 s.
  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 540
    error_message = "timeout_seconds must be from 1 to 540."
  }
}

variable "title" {
  description = "Display name of the account that the function runs as."
  type        = string
}
