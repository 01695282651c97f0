# Exact versions, also where there is no lock file; README.md says why.
terraform {
  required_version = ">= 1.11"

  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = "2.8.0"
    }
    google = {
      source  = "hashicorp/google"
      version = "7.45.0"
    }
  }
}
